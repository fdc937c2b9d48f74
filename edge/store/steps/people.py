"""Customers, sealed, and the consent that each decision relied on."""

from typing import Final

PEOPLE: Final = """
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
