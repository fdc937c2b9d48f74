"""Marks of who was erased."""

from typing import Final

FORGOTTEN: Final = """
-- Who was erased, as keyed hashes that name nobody (edge/store/forgotten.py).
CREATE TABLE forgotten(
  mark BLOB PRIMARY KEY,
  erased_ms INTEGER NOT NULL,
  withdrawn BLOB NOT NULL         -- 16 bytes for each withdrawal
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_erased ON forgotten(erased_ms);
"""
