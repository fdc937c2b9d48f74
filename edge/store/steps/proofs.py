"""Consent and the audit log as chains that only grow, and the team that signs in."""

from typing import Final

PROOFS: Final = """
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
