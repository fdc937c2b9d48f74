"""What the page at home adds to central's tables; a step that shipped is never edited.

The tag leads from a home key to its customer in one look. It is made here, from the sealed key, so
that the bridge, which takes customers in, needs to know nothing of this page.
"""

from typing import Final

from edge.central.postgres import Steps

MY_DATA: Final = Steps(
    "my_data",
    (
        """
ALTER TABLE customer ADD COLUMN home_tag bytea;
CREATE UNIQUE INDEX customer_home_tag ON customer(home_tag);
CREATE INDEX customer_untagged ON customer(pseudonym) WHERE home_tag IS NULL;
""",
        """
-- Proofs that opened something these minutes, at any process. In no backup: they name nobody, and
-- with the server's memory gone they are older than what is accepted.
CREATE UNLOGGED TABLE my_data_used(digest bytea PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX my_data_used_at ON my_data_used(at);
""",
    ),
)
"""To be made after ``edge.central.customers.tables.CUSTOMERS``."""
