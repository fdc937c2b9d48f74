"""Releases on their way, and commands that were taken."""

from typing import Final

FLEET: Final = """
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
