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
  seen_day INTEGER NOT NULL,   -- of the last visit, in whole days since 1970
  holder_version INTEGER NOT NULL,
  profile_version INTEGER NOT NULL,
  holder_sealed BLOB NOT NULL,
  profile_sealed BLOB NOT NULL -- last: who reads holders only must not read through it
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
  record_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (decision_id, record_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_basis_record ON decision_basis(record_id, at_ms);
CREATE INDEX decision_basis_at ON decision_basis(at_ms);
"""

_PROOFS: Final = """
-- Consent, in the shape of ISO/IEC TS 27560:2023: header and party, processing, events. It only
-- grows. subject_ref is random and otherwise lies only in the customer's sealed holder, so that
-- shredding their key leaves a proof that names nobody.
CREATE TABLE consent_record(
  record_id TEXT PRIMARY KEY,
  schema_version TEXT NOT NULL,
  subject_ref TEXT NOT NULL,
  controller_json TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  language TEXT NOT NULL,
  created_at TEXT NOT NULL,
  site_id TEXT NOT NULL,
  device_id TEXT NOT NULL
) STRICT;
CREATE INDEX consent_record_subject ON consent_record(subject_ref);

CREATE TABLE consent_purpose(
  record_id TEXT NOT NULL REFERENCES consent_record(record_id),
  purpose_id TEXT NOT NULL,       -- a term of the W3C Data Privacy Vocabulary
  description TEXT NOT NULL,
  lawful_basis TEXT NOT NULL CHECK (lawful_basis IN ('consent', 'explicit_consent')),
  data_categories TEXT NOT NULL,  -- this and the next three: JSON lists
  sources TEXT NOT NULL,
  recipients TEXT NOT NULL,
  transfers TEXT NOT NULL,
  storage_location TEXT NOT NULL,
  retention_days INTEGER NOT NULL CHECK (retention_days BETWEEN 1 AND 396),
  profiling INTEGER NOT NULL CHECK (profiling IN (0, 1)),
  automated_decision INTEGER NOT NULL CHECK (automated_decision = 0),
  biometric INTEGER NOT NULL CHECK (biometric = 0),
  sensitive INTEGER NOT NULL CHECK (sensitive = 0),
  PRIMARY KEY (record_id, purpose_id)
) STRICT;

CREATE TABLE consent_event(
  n INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  record_id TEXT NOT NULL,
  purpose_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'requested', 'given', 'refused', 'withdrawn', 'expired', 'renewed', 'invalidated')),
  at TEXT NOT NULL,
  at_source TEXT NOT NULL CHECK (at_source IN ('ntp', 'signed', 'rtc', 'none')),
  method TEXT NOT NULL CHECK (method IN ('app_toggle', 'kiosk_button', 'associate_assisted')),
  notice_id TEXT NOT NULL,
  notice_version TEXT NOT NULL,
  notice_language TEXT NOT NULL,
  notice_sha256 BLOB NOT NULL,
  ui_sha256 BLOB NOT NULL,
  actor TEXT NOT NULL,
  age_assertion TEXT NOT NULL CHECK (age_assertion IN (
    'over_threshold', 'guardian_verified', 'unknown_refused')),
  valid_until TEXT,
  withdrawal_method TEXT NOT NULL,
  knows TEXT NOT NULL,            -- JSON list: the withdrawals that whoever said this knew of
  prev BLOB NOT NULL,
  hmac BLOB NOT NULL,
  device_sig BLOB NOT NULL,
  FOREIGN KEY (record_id, purpose_id) REFERENCES consent_purpose(record_id, purpose_id)
) STRICT;
CREATE INDEX consent_event_record ON consent_event(record_id, purpose_id);

-- Who did what with whose data, each entry bound to the one before it.
CREATE TABLE audit_entry(
  n INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_ref TEXT,
  screen_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev BLOB NOT NULL,
  hmac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_entry_actor ON audit_entry(actor, action, at_ms);

-- Runs of entries that retention took out of a chain, sealed: the only way to delete from one.
CREATE TABLE chain_cut(
  chain TEXT NOT NULL,
  from_n INTEGER NOT NULL,
  through_n INTEGER NOT NULL CHECK (through_n >= from_n),
  prev BLOB NOT NULL,
  hmac BLOB NOT NULL,             -- of entry through_n, from which the chain goes on
  at_ms INTEGER NOT NULL,
  seal BLOB NOT NULL,
  PRIMARY KEY (chain, from_n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER consent_record_stays BEFORE UPDATE ON consent_record
BEGIN SELECT RAISE(ABORT, 'a consent record is never changed'); END;
CREATE TRIGGER consent_record_is_kept BEFORE DELETE ON consent_record
WHEN EXISTS (SELECT 1 FROM consent_event WHERE record_id = OLD.record_id)
BEGIN SELECT RAISE(ABORT, 'a consent record outlives its events'); END;
CREATE TRIGGER consent_record_is_new BEFORE INSERT ON consent_record
WHEN EXISTS (SELECT 1 FROM consent_record WHERE record_id = NEW.record_id)
BEGIN SELECT RAISE(ABORT, 'a consent record is never replaced'); END;

CREATE TRIGGER consent_purpose_stays BEFORE UPDATE ON consent_purpose
BEGIN SELECT RAISE(ABORT, 'the terms of a consent are never changed'); END;
CREATE TRIGGER consent_purpose_is_kept BEFORE DELETE ON consent_purpose
WHEN EXISTS (SELECT 1 FROM consent_event WHERE record_id = OLD.record_id)
BEGIN SELECT RAISE(ABORT, 'the terms of a consent outlive its events'); END;
CREATE TRIGGER consent_purpose_is_new BEFORE INSERT ON consent_purpose
WHEN EXISTS (SELECT 1 FROM consent_purpose
             WHERE record_id = NEW.record_id AND purpose_id = NEW.purpose_id)
BEGIN SELECT RAISE(ABORT, 'the terms of a consent are never replaced'); END;

CREATE TRIGGER consent_event_stays BEFORE UPDATE ON consent_event
BEGIN SELECT RAISE(ABORT, 'what was said about consent is never changed'); END;
CREATE TRIGGER consent_event_is_kept BEFORE DELETE ON consent_event
WHEN NOT EXISTS (SELECT 1 FROM chain_cut
                 WHERE chain = 'consent' AND OLD.n BETWEEN from_n AND through_n)
BEGIN SELECT RAISE(ABORT, 'what was said about consent is deleted by a recorded cut only'); END;
CREATE TRIGGER consent_event_is_new BEFORE INSERT ON consent_event
WHEN EXISTS (SELECT 1 FROM consent_event WHERE n >= NEW.n OR event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'what was said about consent comes at the end, once'); END;

CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM chain_cut
                 WHERE chain = 'audit' AND OLD.n BETWEEN from_n AND through_n)
BEGIN SELECT RAISE(ABORT, 'audit entries are deleted by a recorded cut only'); END;
CREATE TRIGGER audit_entry_is_new BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE n >= NEW.n)
BEGIN SELECT RAISE(ABORT, 'an audit entry comes at the end'); END;

CREATE TRIGGER chain_cut_stays BEFORE UPDATE ON chain_cut
BEGIN SELECT RAISE(ABORT, 'a cut is never changed'); END;
CREATE TRIGGER chain_cut_is_kept BEFORE DELETE ON chain_cut
BEGIN SELECT RAISE(ABORT, 'a cut is never deleted'); END;
CREATE TRIGGER chain_cut_is_new BEFORE INSERT ON chain_cut
WHEN EXISTS (SELECT 1 FROM chain_cut WHERE chain = NEW.chain AND from_n = NEW.from_n)
BEGIN SELECT RAISE(ABORT, 'a cut is never replaced'); END;

-- The team, and the tablets they may sign in on.
CREATE TABLE staff(
  user_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('associate', 'lead', 'admin')),
  pin_hash TEXT NOT NULL,         -- argon2id of a keyed hash of the PIN
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tablet(
  key_hash BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  enrolled_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tablet_code(
  code_hash BLOB PRIMARY KEY,     -- keyed: a short code must not be guessable from its hash
  name TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Failures to sign in, in the database because a restart must not give new tries.
CREATE TABLE sign_in_failures(
  counter BLOB PRIMARY KEY,       -- keyed hash of what is counted; names nobody
  failures INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  locked_until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

_FORGOTTEN: Final = """
-- Who was erased, as keyed hashes that name nobody (edge/store/forgotten.py).
CREATE TABLE forgotten(
  mark BLOB PRIMARY KEY,
  erased_ms INTEGER NOT NULL,
  withdrawn BLOB NOT NULL         -- 16 bytes for each withdrawal
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_erased ON forgotten(erased_ms);
"""

_FLEET: Final = """
-- Where each package name is on its way (edge/store/release_rows.py); replaced whole, so that a
-- power cut leaves either the step before or the step after.
CREATE TABLE release_state(
  name TEXT PRIMARY KEY,
  body BLOB NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Packages that failed here: never tried again under the same bytes.
CREATE TABLE release_refused(
  digest TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Commands that were taken, before they are carried out: none is carried out twice.
CREATE TABLE command_taken(
  command_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  result BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX command_taken_seq ON command_taken(seq);
"""

STEPS: Final = (_FIRST, _PEOPLE, _PROOFS, _FORGOTTEN, _FLEET)


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
