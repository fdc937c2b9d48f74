"""What happens in the shop: events that wait, decisions, engagements, orders, stock."""

from typing import Final

SHOP: Final = """
-- place = lane << 48 | seq: one b-tree gives both the order within a lane and the address.
CREATE TABLE outbox(
  place INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  eviction INTEGER NOT NULL,   -- 0 never, then in the order in which they go
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  crc INTEGER NOT NULL,        -- of body; SQLite's own checks miss half of all flipped bits
  body BLOB NOT NULL,
  lane INTEGER GENERATED ALWAYS AS (place >> 48) VIRTUAL,
  seq INTEGER GENERATED ALWAYS AS (place & 281474976710655) VIRTUAL
) STRICT;
CREATE INDEX outbox_eviction ON outbox(eviction, place) WHERE eviction > 0;

CREATE TABLE outbox_lane(
  lane INTEGER PRIMARY KEY,
  next_seq INTEGER NOT NULL DEFAULT 1,
  waiting INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO outbox_lane(lane) VALUES (0), (1), (2), (3);

CREATE TABLE dead_letter(
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- Facts about this file: its epoch, and counters that only grow.
CREATE TABLE file_fact(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;

CREATE TABLE decision(
  n INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  at_ms INTEGER NOT NULL,
  screen_id TEXT NOT NULL,
  surface TEXT NOT NULL,
  placement_id TEXT NOT NULL,
  visit_id TEXT,
  body BLOB NOT NULL,
  candidates BLOB NOT NULL
) STRICT;

CREATE TABLE engagement(
  n INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  decision_id BLOB NOT NULL,
  slot INTEGER,
  screen_id TEXT NOT NULL,
  visit_id TEXT,
  at_ms INTEGER NOT NULL,
  dwell_ms INTEGER
) STRICT;
CREATE INDEX engagement_decision ON engagement(decision_id);

CREATE TABLE shop_order(
  n INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  display_no INTEGER NOT NULL CHECK (display_no BETWEEN 1 AND 999),
  site_day TEXT NOT NULL,
  service TEXT NOT NULL,
  total_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  taken_ms INTEGER NOT NULL,
  screen_id TEXT NOT NULL,
  visit_id TEXT,
  state TEXT NOT NULL,
  event_ids TEXT NOT NULL
) STRICT;
CREATE INDEX shop_order_taken ON shop_order(taken_ms);

CREATE TABLE shop_order_line(
  order_id BLOB NOT NULL REFERENCES shop_order(id) ON DELETE CASCADE,
  line_no INTEGER NOT NULL,
  sku TEXT NOT NULL,
  options TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unit_minor INTEGER NOT NULL,
  PRIMARY KEY (order_id, line_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock(
  sku TEXT PRIMARY KEY,
  available INTEGER NOT NULL CHECK (available >= 0),
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE observed(
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  source TEXT NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
