"""The bridge's tables in PostgreSQL.

``event`` is partitioned by the day on which an event happened, which is part of its bytes and
therefore the same however late and often it comes. So the primary key, which in PostgreSQL must
hold the partition's column, knows an event again across months. What a clock dated far away lies in
the default partition.

``row_id`` grows in the order of writing; who reads after it must wait out transactions that still
write (``settled``).
"""

from typing import Final

from edge.central.postgres import Steps

WRITING_LOCK: Final = 0x62726477
"""Held, shared, by every transaction that writes events."""

STEPS: Final = Steps(
    "bridge",
    (
        """
CREATE SEQUENCE event_row;
CREATE TABLE event(
  event_id uuid NOT NULL,
  tenant text NOT NULL,
  device text NOT NULL,
  day date NOT NULL,
  site text NOT NULL,
  epoch text NOT NULL,
  lane text NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  time timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  row_id bigint NOT NULL DEFAULT nextval('event_row'),
  body jsonb NOT NULL,
  PRIMARY KEY (event_id, device, tenant, day)
) PARTITION BY RANGE (day);
CREATE INDEX event_by_row ON event(row_id);
CREATE TABLE event_default PARTITION OF event DEFAULT;

CREATE TABLE high_water(
  tenant text NOT NULL,
  device text NOT NULL,
  epoch text NOT NULL,
  lane text NOT NULL,
  site text NOT NULL,
  contiguous_seq bigint NOT NULL DEFAULT 0,
  highest_seq bigint NOT NULL DEFAULT 0,
  arrived bigint NOT NULL DEFAULT 0,
  given_up bigint NOT NULL DEFAULT 0,
  reused bigint NOT NULL DEFAULT 0,
  beyond bigint[] NOT NULL DEFAULT '{}',
  dropped bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, device, epoch, lane)
);
COMMENT ON COLUMN high_water.beyond IS 'first and last of each run above contiguous_seq, in turn';
COMMENT ON COLUMN high_water.dropped IS 'what the device said it had to drop of this stream';

CREATE TABLE device_health(
  tenant text NOT NULL,
  device text NOT NULL,
  site text NOT NULL,
  at timestamptz NOT NULL,
  figures jsonb NOT NULL,
  poorly jsonb NOT NULL,
  PRIMARY KEY (tenant, device)
);
CREATE VIEW latest_health AS SELECT tenant, device, site, at, figures, poorly FROM device_health;

CREATE TABLE dead_letter(
  letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  target text NOT NULL,
  tenant text NOT NULL,
  device text NOT NULL,
  topic text NOT NULL,
  encoding text NOT NULL,
  why text NOT NULL,
  payload bytea NOT NULL,
  digest bytea NOT NULL,
  UNIQUE (target, digest)
);
CREATE INDEX dead_letter_of_device ON dead_letter(tenant, device);

CREATE TABLE platform_cursor(
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  row_id bigint NOT NULL,
  updated_at timestamptz NOT NULL
);
""",
        """
-- Of which schemas a day's events were deleted, so that its partition is not read each day again.
CREATE TABLE retained_day(
  day date PRIMARY KEY,
  over text[] NOT NULL
);
CREATE TABLE retention_run(
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  ran_on date NOT NULL
);
CREATE INDEX event_default_by_day ON event_default(day);

-- Letters for which there was no room: their devices were told nothing, and keep them.
CREATE TABLE dead_letter_untaken(
  tenant text NOT NULL,
  device text NOT NULL,
  times bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  why text NOT NULL,
  PRIMARY KEY (tenant, device)
);
""",
        """
-- What the ops page adds up over all devices, taken out once instead of at each look.
ALTER TABLE device_health
  ADD COLUMN outbox_events float8 GENERATED ALWAYS AS (
    CASE jsonb_typeof(figures->'outbox_events') WHEN 'number'
    THEN (figures->>'outbox_events')::float8 END) STORED,
  ADD COLUMN outbox_oldest_s float8 GENERATED ALWAYS AS (
    CASE jsonb_typeof(figures->'outbox_oldest_seconds') WHEN 'number'
    THEN (figures->>'outbox_oldest_seconds')::float8 END) STORED,
  ADD COLUMN painted_oldest_s float8 GENERATED ALWAYS AS (
    CASE jsonb_typeof(figures->'painted_oldest_seconds') WHEN 'number'
    THEN (figures->>'painted_oldest_seconds')::float8 END) STORED;
CREATE OR REPLACE VIEW latest_health AS SELECT tenant, device, site, at, figures, poorly,
  outbox_events, outbox_oldest_s, painted_oldest_s FROM device_health;
""",
    ),
)
