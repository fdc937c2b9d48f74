"""What central keeps of customers, step by step; a step that shipped is never edited.

Erasing somebody deletes every row that has their pseudonym. What stays: a keyed mark of it, and
messages that are sealed to devices, which central itself cannot open.
"""

from typing import Final

from edge.central.postgres import Cursor, Steps

_LOCK: Final = 0x63757374
"""One at a time: who takes what was said, who writes to devices."""

CUSTOMERS: Final = Steps(
    "customers",
    (
        """
CREATE TABLE customer(
  pseudonym bytea PRIMARY KEY,
  beacon_key bytea NOT NULL,               -- sealed under central's row key
  group_id bigint NOT NULL,
  site text NOT NULL,                      -- where they enrolled
  language text NOT NULL,
  since_at timestamptz NOT NULL,
  is_due boolean NOT NULL DEFAULT true,    -- something is new that devices do not know
  empty_since timestamptz                  -- when it was seen first that they allow nothing
);
CREATE INDEX customer_due ON customer(pseudonym) WHERE is_due;
CREATE INDEX customer_group ON customer(group_id, site);

-- Everything that was said, also before the enrolment arrives; what holds follows from all of it.
CREATE TABLE consent_event(
  pseudonym bytea NOT NULL,
  event_id text NOT NULL,
  digest bytea NOT NULL,                   -- two different events under one id are both kept
  record_id text NOT NULL,
  purpose text NOT NULL,
  state text NOT NULL,
  at timestamptz NOT NULL,
  valid_until timestamptz,
  notice_version text NOT NULL,
  knows text[] NOT NULL,
  PRIMARY KEY (pseudonym, event_id, digest)
);
CREATE INDEX consent_event_at ON consent_event(at);

-- Devices that take messages about customers, and how far they have.
CREATE TABLE customer_place(
  device text PRIMARY KEY,
  site text NOT NULL,
  group_id bigint NOT NULL,
  exchange_key bytea NOT NULL,
  conn_seq bigint,                         -- of the newest birth that was looked at
  epoch text NOT NULL DEFAULT '',
  is_online boolean NOT NULL DEFAULT true,
  renewed_day int NOT NULL DEFAULT 0,      -- on which everything was written to it last
  renewed_to bytea NOT NULL DEFAULT '',    -- how far that has come today: the last pseudonym
  last_sent_at timestamptz NOT NULL DEFAULT 'epoch',
  quiet_until timestamptz NOT NULL DEFAULT 'epoch'
);

CREATE TABLE customer_device(
  pseudonym bytea NOT NULL,
  device text NOT NULL,
  let_go boolean NOT NULL DEFAULT false,   -- it forgot them by itself; not told of them again
  PRIMARY KEY (pseudonym, device)
);
CREATE INDEX customer_device_device ON customer_device(device);

CREATE TABLE customer_erased(
  mark bytea PRIMARY KEY,
  erased_at timestamptz NOT NULL,
  withdrawn bytea[] NOT NULL
);

CREATE TABLE customer_message(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device text NOT NULL REFERENCES customer_place ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('profile', 'erase')),
  stamp text NOT NULL,                     -- the device takes it only above the last one it took
  payload bytea NOT NULL,
  made_at timestamptz NOT NULL,
  published_at timestamptz
);
CREATE INDEX customer_message_open ON customer_message(number) WHERE published_at IS NULL;
CREATE INDEX customer_message_device ON customer_message(device, kind);

CREATE TABLE customer_audit_head(
  device text NOT NULL,
  epoch text NOT NULL,
  count bigint NOT NULL,
  mac text NOT NULL,
  at timestamptz NOT NULL,
  was_cut boolean NOT NULL DEFAULT false,
  PRIMARY KEY (device, epoch)
);

CREATE TABLE customer_key_check(
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  digest bytea NOT NULL
);

CREATE TABLE customer_log(
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  mark bytea,
  detail text NOT NULL
);
CREATE FUNCTION customer_log_grows() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'customer_log only grows'; END $$;
CREATE TRIGGER customer_log_only_grows BEFORE UPDATE OR DELETE ON customer_log
  FOR EACH ROW EXECUTE FUNCTION customer_log_grows();
""",
        """
-- What a customer bought and told us, in any shop: one sealed row each. Times are whole minutes, so
-- that no row can be told to belong to an order by its time.
CREATE TABLE customer_profile(
  pseudonym bytea PRIMARY KEY,
  sealed bytea NOT NULL,                   -- under central's row key, for this pseudonym
  due_at timestamptz,                      -- from when on devices are to be told; NULL: they were
  said_by text NOT NULL DEFAULT '',        -- the only device that knows it already
  told_at timestamptz NOT NULL DEFAULT 'epoch',
  tidy_day int NOT NULL                    -- on which something in it may be too old
);
CREATE INDEX customer_profile_due ON customer_profile(due_at) WHERE due_at IS NOT NULL;
CREATE INDEX customer_profile_tidy ON customer_profile(tidy_day);
""",
        """
CREATE TABLE customer_site_group(
  site text PRIMARY KEY,
  group_id bigint NOT NULL                 -- what the first device of the shop said, or a person
);
INSERT INTO customer_site_group(site, group_id)
  SELECT DISTINCT ON (site) site, group_id FROM customer_place ORDER BY site, device;
""",
    ),
)


def alone(cur: Cursor) -> None:
    """Be the only transaction that changes anything of customers, until it ends.

    Two shops may speak of one customer at once, and stamps of messages must grow as they are made.
    """
    cur.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
