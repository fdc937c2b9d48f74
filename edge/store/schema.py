"""The tables, and every change that was ever made to them, in order.

A step that shipped is never edited; the next one is added. Every table is STRICT, because
SQLite otherwise keeps text in a number's column without a word.
"""

import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from edge.core.errors import StorageUnavailableError

if TYPE_CHECKING:
    from sqlite_utils import Database

_FIRST: Final = """
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

_PEOPLE: Final = """
-- A customer, under a random name that is used nowhere outside this device. What is known of them
-- is sealed under their own key, which is in keys.db: no column here links a row to a person.
CREATE TABLE customer(
  customer_id BLOB PRIMARY KEY CHECK (length(customer_id) = 16),
  holder_version INTEGER NOT NULL,
  holder_sealed BLOB NOT NULL,
  profile_version INTEGER NOT NULL,
  profile_sealed BLOB NOT NULL,
  seen_day INTEGER NOT NULL    -- of the last visit, in whole days since 1970
) STRICT;
CREATE INDEX customer_seen ON customer(seen_day);

-- An erasure that was acknowledged, until keys and both write-ahead logs are clean.
CREATE TABLE customer_erasing(
  customer_id BLOB PRIMARY KEY CHECK (length(customer_id) = 16),
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The consent that a decision relied on. Outlives the decision, to count uses.
CREATE TABLE decision_basis(
  decision_id BLOB NOT NULL,
  record_id BLOB NOT NULL,
  purpose TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (decision_id, record_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_basis_record ON decision_basis(record_id, at_ms);
CREATE INDEX decision_basis_at ON decision_basis(at_ms);
"""

STEPS: Final = (_FIRST, _PEOPLE)


def migrate(con: sqlite3.Connection) -> None:
    """Bring the file behind ``con`` to the newest schema; does nothing when it is there.

    Each step and the record of it are one transaction, so a power cut leaves it done or not done.

    Raises:
        StorageUnavailableError: The file was written by a newer version of the appliance.
    """
    (done,) = con.execute("PRAGMA user_version").fetchone()
    if done == len(STEPS):
        return
    if done > len(STEPS):
        msg = (
            f"wanted a database of schema {len(STEPS)} or older, got {done}; "
            "install the newer version again, or move the data folder aside"
        )
        raise StorageUnavailableError(msg)
    # Imported only when a file is new or old: it costs a sixth of a second at every start.
    from sqlite_utils import Database, Migrations  # noqa: PLC0415

    steps = Migrations("edge")
    for number, script in enumerate(STEPS, start=1):
        steps(name=f"{number:04}")(_step(number, script))
    steps.apply(Database(con, execute_plugins=False))


def _step(number: int, script: str) -> Callable[["Database"], None]:
    def apply(db: "Database") -> None:
        for statement in _statements(script):
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {number}")

    return apply


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit first, and so end the step's transaction.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
