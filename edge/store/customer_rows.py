"""Customers as rows: a random name, two sealed values, and the day of the last visit.

Nothing here can open what is sealed; ``edge.store.vault`` does.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.core.errors import ContractError
from edge.identity.profile import CustomerId

_COLUMNS = "customer_id, seen_day, holder_version, profile_version, holder_sealed, profile_sealed"


class UnknownCustomerError(ContractError):
    """Nothing is kept of such a customer (any more)."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A row of ``customer``. A version counts how often its value was sealed."""

    customer_id: CustomerId = field(repr=False)
    seen_day: int
    holder_version: int
    profile_version: int
    holder_sealed: bytes = field(repr=False)
    profile_sealed: bytes = field(repr=False)  # b"" where only holders are read


class CustomerRows:
    """The ``customer`` table. Every method runs inside the caller's transaction."""

    def add(self, con: sqlite3.Connection, row: CustomerRow) -> None:
        """Keep a new customer.

        Raises:
            sqlite3.IntegrityError: The id is taken.
        """
        con.execute(
            f"INSERT INTO customer({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (
                row.customer_id,
                row.seen_day,
                row.holder_version,
                row.profile_version,
                row.holder_sealed,
                row.profile_sealed,
            ),
        )

    def get(self, con: sqlite3.Connection, customer_id: CustomerId) -> CustomerRow | None:
        """Return a customer's row, or None."""
        row = con.execute(
            f"SELECT {_COLUMNS} FROM customer WHERE customer_id = ?",  # noqa: S608 - constant
            (customer_id,),
        ).fetchone()
        return None if row is None else CustomerRow(*row)

    def known(self, con: sqlite3.Connection, customer_id: CustomerId) -> CustomerRow:
        """Return a customer's row.

        Raises:
            UnknownCustomerError: There is none (any more).
        """
        row = self.get(con, customer_id)
        if row is None:
            msg = "wanted a customer of this device, got one that nothing is kept about"
            raise UnknownCustomerError(msg)
        return row

    def page(self, con: sqlite3.Connection, after: bytes, limit: int) -> Sequence[CustomerRow]:
        """Return up to ``limit`` customers behind ``after``, in the order of ids, without profiles."""
        rows = con.execute(
            "SELECT customer_id, seen_day, holder_version, profile_version, holder_sealed, x''"
            " FROM customer WHERE customer_id > ? ORDER BY customer_id LIMIT ?",
            (after, limit),
        )
        return [CustomerRow(*row) for row in rows.fetchall()]

    def among(self, con: sqlite3.Connection, ids: Sequence[CustomerId]) -> set[CustomerId]:
        """Return which of ``ids`` are here."""
        return {one for one in ids if self.get(con, one) is not None}

    def set_profile(
        self, con: sqlite3.Connection, row: CustomerRow, sealed: bytes, seen_day: int
    ) -> None:
        """Put the profile's next version in place."""
        con.execute(
            "UPDATE customer SET profile_version = ?, profile_sealed = ?, seen_day = ?"
            " WHERE customer_id = ?",
            (row.profile_version + 1, sealed, seen_day, row.customer_id),
        )

    def set_holder(self, con: sqlite3.Connection, row: CustomerRow, sealed: bytes) -> None:
        """Put the holder's next version in place."""
        con.execute(
            "UPDATE customer SET holder_version = ?, holder_sealed = ? WHERE customer_id = ?",
            (row.holder_version + 1, sealed, row.customer_id),
        )

    def unvisited_since(self, con: sqlite3.Connection, day: int) -> list[CustomerId]:
        """Return the customers whose last visit was before ``day``."""
        rows = con.execute("SELECT customer_id FROM customer WHERE seen_day < ?", (day,))
        return [CustomerId(row[0]) for row in rows.fetchall()]

    def not_seen_after(self, con: sqlite3.Connection, day: int) -> None:
        """Take back visits that a clock which was ahead noted for days to come."""
        con.execute("UPDATE customer SET seen_day = ? WHERE seen_day > ?", (day, day))

    def delete(self, con: sqlite3.Connection, customer_id: CustomerId) -> None:
        """Delete a customer's row."""
        con.execute("DELETE FROM customer WHERE customer_id = ?", (customer_id,))
