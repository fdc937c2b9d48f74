"""Keep every device's customers up to date: what is new at once, day keys once a day.

A turn writes messages (``customer_message``) in short transactions; ``publishing`` sends them after
the commit. Erasures are written where they are taken (``forgetting``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, LiteralString

import orjson

from edge.central.customers import consent_rows, profiles
from edge.central.customers.forgetting import forget
from edge.central.customers.keys import CustomerKeys
from edge.central.customers.places import look_at_births
from edge.central.customers.profile_content import Customer, content
from edge.central.customers.sealed_message import Letter, write
from edge.central.customers.sweeping import Sweeping
from edge.central.customers.tables import alone
from edge.central.customers.who_is_told import (
    CUSTOMER,
    DUE,
    LISTENERS,
    OF_DEVICE,
    TASTES_DUE,
    TASTES_LISTENERS,
    TO_RENEW,
)
from edge.central.postgres import Connection, Cursor
from edge.core.clock import Clock
from edge.identity.consent import purposes_in_force
from edge.identity.day_keys import day_of

Reach = Literal["site", "group"]
"""Who is told of a customer: devices of the shop where they enrolled, or of the whole shop group."""

MAX_CONTENT_BYTES: Final = 96 * 1024
"""Of one message: sealed and in base64 it stays well below what a device takes."""
_PAGE: Final = 100
GRACE: Final = timedelta(minutes=2)
"""Before who allows nothing is forgotten: a consent of theirs may have been overtaken on its way.
Who takes everything back on their phone is erased there, and by that word here, at once."""

_HOLDS: Final[LiteralString] = """
INSERT INTO customer_device(pseudonym, device) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class TellingRules:
    """How customers are told."""

    reach: Reach = "site"
    day_keys_ahead: int = 7


class Telling:
    """Writes what devices are to know; used from one thread."""

    def __init__(self, keys: CustomerKeys, rules: TellingRules, clock: Clock) -> None:
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._sweep = Sweeping(keys, clock)

    def turn(self, con: Connection) -> bool:
        """Do a little of what is due and commit it; return whether there may be more."""
        now = self._clock()
        with con.transaction(), con.cursor() as cur:
            alone(cur)
            births = look_at_births(cur)
            due = self._tell_due(cur, now)
        with con.transaction(), con.cursor() as cur:
            alone(cur)
            tastes = self._tell_tastes(cur, now)
        with con.transaction(), con.cursor() as cur:
            alone(cur)
            renewed = self._renew_one(cur, now)
        with con.transaction(), con.cursor() as cur:
            alone(cur)
            is_swept = not self._sweep(cur)
        return renewed or _PAGE in {due, tastes} or births > 0 or not is_swept

    def tell_again(self, con: Connection, device: str) -> bool:
        """Have everything written to ``device`` again at the next turn; False: it takes nothing."""
        with con.transaction():
            found = con.execute(
                "UPDATE customer_place SET renewed_day = 0, renewed_to = '', is_online = true,"
                " quiet_until = 'epoch' WHERE device = %s",
                (device,),
            ).rowcount
            con.execute(
                "UPDATE customer_message SET published_at = NULL WHERE device = %s", (device,)
            )
        return found > 0

    def _tell_due(self, cur: Cursor, now: datetime) -> int:
        cur.execute(DUE, (now - GRACE, _PAGE))
        due = [bytes(row[0]) for row in cur.fetchall()]
        by_device: dict[str, list[tuple[bytes, dict[str, Any]]]] = {}
        for pseudonym in due:
            cur.execute(CUSTOMER, (pseudonym,))
            row = cur.fetchone()
            assert row is not None, "nobody else changes customers now"
            said = self._content(cur, row, now)
            if said is None:
                self._let_go(cur, pseudonym, now)
                continue
            for device in self._listeners(cur, row):
                by_device.setdefault(device, []).append((pseudonym, said))
        for device, customers in by_device.items():
            self._write(cur, device, customers, now)
        cur.execute(
            "UPDATE customer SET is_due = false WHERE pseudonym = ANY(%s) AND empty_since IS NULL",
            (due,),
        )
        profiles.were_told(cur, due, now)
        return len(due)

    def _tell_tastes(self, cur: Cursor, now: datetime) -> int:
        """Tell what customers bought and told us to whoever has not said it; return of how many."""
        cur.execute(TASTES_DUE, (now, _PAGE))
        due = [(bytes(row[0]), str(row[1])) for row in cur.fetchall()]
        by_device: dict[str, list[tuple[bytes, dict[str, Any]]]] = {}
        for pseudonym, said_by in due:
            row = cur.execute(CUSTOMER, (pseudonym,)).fetchone()
            assert row is not None, "nobody else changes customers now"
            said = self._content(cur, row, now)
            if said is not None:
                facts = self._facts(row) | {"said_by": said_by, "today": day_of(now)}
                for (device,) in cur.execute(TASTES_LISTENERS, facts).fetchall():
                    by_device.setdefault(str(device), []).append((pseudonym, said))
        for device, customers in by_device.items():
            self._write(cur, device, customers, now)
        profiles.were_told(cur, [pseudonym for pseudonym, _ in due], now)
        return len(due)

    def _renew_one(self, cur: Cursor, now: datetime) -> bool:
        """Write a page of one device's customers, in place of older messages that it may not have.

        In pages, because who takes what devices say waits meanwhile.
        """
        today = day_of(now)
        cur.execute(TO_RENEW, (today,))
        found = cur.fetchone()
        if found is None:
            return False
        device, group, site, after = found
        if not after:
            cur.execute(
                "DELETE FROM customer_message WHERE device = %s AND kind = 'profile'", (device,)
            )
        facts = {"device": device, "group": group, "site": site, "after": after, "most": _PAGE}
        facts["is_group"] = self._rules.reach == "group"
        rows = cur.execute(OF_DEVICE, facts).fetchall()
        told = [(bytes(row[0]), self._content(cur, row, now)) for row in rows]
        self._write(cur, device, [(who, said) for who, said in told if said is not None], now)
        is_done = len(rows) < _PAGE
        day, to = (today, b"") if is_done else (0, bytes(rows[-1][0]))
        cur.execute(
            "UPDATE customer_place SET renewed_day = %s, renewed_to = %s WHERE device = %s",
            (day, to, device),
        )
        return True

    def _content(self, cur: Cursor, row: tuple[Any, ...], now: datetime) -> dict[str, Any] | None:
        """Return what is said of a customer; None: they allow nothing (any more)."""
        pseudonym = bytes(row[0])
        consents = consent_rows.of(cur, pseudonym)
        if not purposes_in_force(consents, now):
            cur.execute("UPDATE customer SET is_due = true WHERE pseudonym = %s", (pseudonym,))
            return None
        beacon_key = self._keys.row_key.open(bytes(row[1]), pseudonym)
        profile = profiles.profile_of(cur, self._keys.row_key, pseudonym)
        customer = Customer(pseudonym, beacon_key, int(row[2]), row[3], row[4], consents, profile)
        return content(customer, now, self._rules.day_keys_ahead)

    def _let_go(self, cur: Cursor, pseudonym: bytes, now: datetime) -> None:
        """Forget who has allowed nothing for a while."""
        row = cur.execute(
            "UPDATE customer SET empty_since = coalesce(empty_since, %s) WHERE pseudonym = %s"
            " RETURNING empty_since",
            (now, pseudonym),
        ).fetchone()
        if row is not None and row[0] <= now - GRACE:
            forget(cur, (self._keys.row_key, self._keys.writing), pseudonym, now)

    def _listeners(self, cur: Cursor, row: tuple[Any, ...]) -> Iterable[str]:
        found = cur.execute(LISTENERS, self._facts(row)).fetchall()
        return [str(one[0]) for one in found]

    def _facts(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return {
            "pseudonym": row[0],
            "group": row[2],
            "site": row[5],
            "is_group": self._rules.reach == "group",
        }

    def _write(
        self,
        cur: Cursor,
        device: str,
        customers: Iterable[tuple[bytes, dict[str, Any]]],
        now: datetime,
    ) -> None:
        for some in _parts(customers):
            said = {"customers": [one for _, one in some]}
            write(cur, self._keys.writing, Letter(device, "profile", said, now))
            cur.executemany(_HOLDS, [(pseudonym, device) for pseudonym, _ in some])


def _parts(
    customers: Iterable[tuple[bytes, dict[str, Any]]],
) -> Iterator[list[tuple[bytes, dict[str, Any]]]]:
    """Yield the customers in parts that fit a message each."""
    part: list[tuple[bytes, dict[str, Any]]] = []
    room = MAX_CONTENT_BYTES
    for one in customers:
        size = len(orjson.dumps(one[1])) + 1
        if part and (size > room or len(part) == 500):
            yield part
            part, room = [], MAX_CONTENT_BYTES
        part.append(one)
        room -= size
    if part:
        yield part
