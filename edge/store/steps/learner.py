"""Kept states of the learner."""

from typing import Final

LEARNER: Final = """
-- States of the learner, each chained to the one before (edge/experiment/snapshots.py). Weights of
-- moments and categories: nothing here is of a person.
CREATE TABLE learner_snapshot(
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  lessons INTEGER NOT NULL,
  state BLOB NOT NULL,
  before BLOB NOT NULL,           -- digest of the one before
  digest BLOB NOT NULL
) STRICT;
"""
