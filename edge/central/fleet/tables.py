"""The fleet's tables in PostgreSQL, step by step; a step that shipped is never edited."""

from typing import Final

from edge.central.postgres import Steps

_FIRST: Final = """
-- What devices say of themselves. Rows only go forward: see devices/rows.py.
CREATE TABLE device(
  device text PRIMARY KEY,
  site text NOT NULL,
  ring text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT '',
  epoch text NOT NULL DEFAULT '',
  conn_seq bigint NOT NULL,
  is_online boolean NOT NULL,
  online_since timestamptz,
  online_s bigint NOT NULL DEFAULT 0,     -- before online_since, over all connections
  changed_at timestamptz NOT NULL,        -- between online and offline
  why text NOT NULL DEFAULT '',
  birth jsonb NOT NULL DEFAULT '{}',
  heard_at timestamptz NOT NULL
);
CREATE INDEX device_site ON device(site);

CREATE TABLE release_state(
  device text NOT NULL,
  name text NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  serving_release_id text,
  serving_version text,
  serving_digest text NOT NULL,
  release_id text,
  target text,
  phase text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  figures jsonb NOT NULL,
  document_version bigint NOT NULL,
  heard_at timestamptz NOT NULL,
  PRIMARY KEY (device, name)
);

-- The documents of one package name, over all of its rollouts; locked before any step.
CREATE TABLE rollout_line(
  name text PRIMARY KEY,
  version bigint NOT NULL,
  stable jsonb,
  halted boolean NOT NULL
);

CREATE TABLE rollout(
  rollout_id text PRIMARY KEY,
  name text NOT NULL REFERENCES rollout_line,
  stage text NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX rollout_one_at_a_time ON rollout(name)
  WHERE stage IN ('canary', 'bake', 'wave', 'paused', 'aborting');

CREATE TABLE rollout_approval(
  rollout_id text NOT NULL REFERENCES rollout,
  who text NOT NULL,
  plan_digest text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (rollout_id, who)
);

-- Whom a rollout was offered to, by which wave, and how long they had been online until then.
CREATE TABLE rollout_member(
  rollout_id text NOT NULL REFERENCES rollout,
  device text NOT NULL,
  wave int NOT NULL,
  since timestamptz NOT NULL,
  online_s bigint NOT NULL,
  PRIMARY KEY (rollout_id, device)
);

CREATE TABLE rollout_log(
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  rollout_id text,
  at timestamptz NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  detail text NOT NULL
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$;
CREATE TRIGGER rollout_log_only_grows BEFORE UPDATE OR DELETE ON rollout_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rollout_approval_only_grows BEFORE UPDATE OR DELETE ON rollout_approval
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Documents that are decided; published after the commit, again and again until it is done.
CREATE TABLE rollout_document(
  name text NOT NULL,
  version bigint NOT NULL,
  release_id text,
  body jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  published_at timestamptz,
  rung_at timestamptz,
  PRIMARY KEY (name, version)
);
CREATE INDEX rollout_document_open ON rollout_document(name, version)
  WHERE published_at IS NULL OR rung_at IS NULL;

CREATE TABLE command(
  command_id uuid PRIMARY KEY,
  device text NOT NULL,
  seq bigint,                             -- given when it is signed and sent
  name text NOT NULL,
  arguments jsonb NOT NULL,
  who text NOT NULL,
  asked_at timestamptz NOT NULL,
  sent_at timestamptz,
  expires_at timestamptz,
  result jsonb,
  result_at timestamptz,
  UNIQUE (device, seq)
);
CREATE INDEX command_open ON command(asked_at) WHERE sent_at IS NULL;

CREATE TABLE desired_config(
  device text PRIMARY KEY,
  version bigint NOT NULL,
  target text NOT NULL,
  digest text NOT NULL,
  who text NOT NULL,
  at timestamptz NOT NULL,
  sent_at timestamptz
);
"""

FLEET: Final = Steps("fleet", (_FIRST,))
