"""One key per customer, wrapped under a key of the epoch, which follows from the device's root.

    root + salt of the epoch --HKDF--> key-encryption key --AES-256-GCM--> data key of a customer

To erase a customer their row is deleted. Every 30 days a new epoch begins: keys are wrapped again,
in slices, and then the old salt is destroyed, so that remnants of old rows on flash are noise even
to somebody who has the root. Bound to customer and epoch; not to the subject reference, which is
itself sealed under this key.

Source: security.md, "Keys at the edge".
"""

import contextlib
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.profile import CustomerId
from edge.store.key_file import KEY_BYTES, derive
from edge.store.keys_database import KeysDatabase
from edge.store.moment import from_ms, to_day, to_ms
from edge.store.sealed import Place, SealBrokenError, seal, unseal

EPOCH_LASTS: Final = timedelta(days=30)
_SLACK: Final = timedelta(days=1)
"""An epoch that begins later than this from now was begun by a clock that was ahead."""

_SELECT: Final = "SELECT customer_id, epoch, wrapped FROM data_key"


class DataKeys:
    """The data keys of customers.

    Args:
        database: Where they are kept.
        root: The device's root key.
        clock: The time.
        chance: Where keys, salts and nonces come from.
    """

    def __init__(self, database: KeysDatabase, root: bytes, clock: Clock, chance: Chance) -> None:
        self._database = database
        self._root = root
        self._clock = clock
        self._chance = chance
        self._wrapping: dict[int, bytes] = {}
        self._rotating = threading.Lock()
        if not database.read("SELECT 1 FROM key_epoch LIMIT 1"):
            self._begin(1, clock())

    def make(self, customer_id: CustomerId) -> bytes:
        """Return the customer's key, made and on disk if there was none."""
        with self._database.transaction() as con:
            if (key := self.of(customer_id)) is not None:
                return key
            key = self._chance(KEY_BYTES)
            epoch = self._epoch()
            con.execute(
                "INSERT INTO data_key(customer_id, epoch, made_day, wrapped) VALUES (?, ?, ?, ?)",
                (customer_id, epoch, to_day(self._clock()), self._wrap(customer_id, epoch, key)),
            )
        return key

    def of(self, customer_id: CustomerId) -> bytes | None:
        """Return the customer's key; None when there is none (any more).

        Raises:
            SealBrokenError: Its row was changed.
        """
        rows = self._database.read(f"{_SELECT} WHERE customer_id = ?", (customer_id,))
        return self._unwrap(*rows[0]) if rows else None

    def within(self, first: CustomerId, last: CustomerId) -> Mapping[CustomerId, bytes]:
        """Return the keys of the customers from ``first`` to ``last``, but for broken ones."""
        keys = {}
        rows = self._database.read(f"{_SELECT} WHERE customer_id BETWEEN ? AND ?", (first, last))
        for row in rows:
            with contextlib.suppress(SealBrokenError):
                keys[CustomerId(row[0])] = self._unwrap(*row)
        return keys

    def made_before(self, day: int, after: bytes, limit: int) -> list[CustomerId]:
        """Return customers behind ``after`` whose keys were made before ``day``, in order."""
        rows = self._database.read(
            "SELECT customer_id FROM data_key WHERE customer_id > ? AND made_day < ?"
            " ORDER BY customer_id LIMIT ?",
            (after, day, limit),
        )
        return [CustomerId(row[0]) for row in rows]

    def rotate(self, now: datetime, limit: int = 200) -> int:
        """Begin a new epoch if it is time: wrap keys again, then destroy the old salts.

        Args:
            now: The time, by a clock that is trusted.
            limit: Keys per transaction, so that others wait for milliseconds only.

        Returns:
            How many keys were wrapped again.
        """
        moved, after = 0, b""
        with self._rotating:
            self._begin_if_due(now)
            while rows := self._of_older_epochs(after, limit):
                with self._database.transaction() as con:
                    for customer_id, epoch, wrapped in rows:
                        self._wrap_again(con, customer_id, epoch, wrapped)
                moved, after = moved + len(rows), rows[-1][0]
            if self._destroy_old_epochs():
                self._database.forget()
        return moved

    # ---- inside ------------------------------------------------------------------------

    def _begin_if_due(self, now: datetime) -> None:
        epoch = self._epoch()
        ((made_ms,),) = self._database.read(
            "SELECT made_ms FROM key_epoch WHERE epoch = ?", (epoch,)
        )
        if not -_SLACK <= now - from_ms(made_ms) < EPOCH_LASTS:
            self._begin(epoch + 1, now)

    def _begin(self, epoch: int, now: datetime) -> None:
        # Committed before anything is wrapped: a salt that was rolled back must never be used.
        with self._database.transaction() as con:
            con.execute(
                "INSERT INTO key_epoch(epoch, salt, made_ms) VALUES (?, ?, ?)",
                (epoch, self._chance(KEY_BYTES), to_ms(now)),
            )

    def _of_older_epochs(self, after: bytes, limit: int) -> list[tuple[bytes, int, bytes]]:
        return self._database.read(
            f"{_SELECT} WHERE customer_id > ? AND epoch < ? ORDER BY customer_id LIMIT ?",
            (after, self._epoch(), limit),
        )

    def _wrap_again(
        self, con: sqlite3.Connection, customer_id: bytes, epoch: int, wrapped: bytes
    ) -> None:
        try:
            key = self._unwrap(customer_id, epoch, wrapped)
        except SealBrokenError:
            # It opened nothing before either; kept, it would keep the old salt for ever.
            con.execute("DELETE FROM data_key WHERE customer_id = ?", (customer_id,))
            return
        # Only the row that was read: it may have been deleted meanwhile, and must stay so.
        epoch = self._epoch()
        con.execute(
            "UPDATE data_key SET epoch = ?, wrapped = ? WHERE customer_id = ?",
            (epoch, self._wrap(customer_id, epoch, key), customer_id),
        )

    def _destroy_old_epochs(self) -> bool:
        epoch = self._epoch()
        with self._database.transaction() as con:
            gone = con.execute(
                "DELETE FROM key_epoch WHERE epoch < ?1"
                " AND NOT EXISTS (SELECT 1 FROM data_key WHERE data_key.epoch < ?1)",
                (epoch,),
            ).rowcount
        self._wrapping = {n: key for n, key in self._wrapping.items() if n >= epoch}
        return gone > 0

    def _epoch(self) -> int:
        ((epoch,),) = self._database.read("SELECT max(epoch) FROM key_epoch")
        return int(epoch)

    def _wrap(self, customer_id: bytes, epoch: int, key: bytes) -> bytes:
        place = Place("data_key", customer_id, epoch)
        return seal(self._wrapping_key(epoch), key, place, self._chance)

    def _unwrap(self, customer_id: bytes, epoch: int, wrapped: bytes) -> bytes:
        return unseal(self._wrapping_key(epoch), wrapped, Place("data_key", customer_id, epoch))

    def _wrapping_key(self, epoch: int) -> bytes:
        key = self._wrapping.get(epoch)
        if key is None:
            rows = self._database.read("SELECT salt FROM key_epoch WHERE epoch = ?", (epoch,))
            if not rows:
                msg = f"wanted the salt of epoch {epoch}, which is destroyed; its keys are gone"
                raise SealBrokenError(msg)
            key = self._wrapping[epoch] = derive(self._root, f"kek/{epoch}", rows[0][0])
        return key


def shred(database: KeysDatabase, customer_ids: Sequence[CustomerId]) -> None:
    """Destroy keys: in the file and in its log, when this returns. It needs no root key.

    Raises:
        StorageUnavailableError: It could not be done; to be tried again.
    """
    with database.transaction() as con:
        con.executemany(
            "DELETE FROM data_key WHERE customer_id = ?", [(one,) for one in customer_ids]
        )
    database.forget()
