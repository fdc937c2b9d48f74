"""Forget a customer at central, and write to every device that may hold them. One transaction.

Every row with their pseudonym goes, and with it their key. Messages that wait for a device and may
name them go too; that device is told of all others again. What remains is a mark that names nobody.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, LiteralString

from edge.central.customers import consent_rows, erased_marks
from edge.central.customers.row_key import RowKey
from edge.central.customers.sealed_message import Letter, Writing, write
from edge.central.postgres import Cursor
from edge.identity.consent import ConsentEvent

_DELETE: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM customer WHERE pseudonym = %s",
    "DELETE FROM consent_event WHERE pseudonym = %s",
    "DELETE FROM customer_profile WHERE pseudonym = %s",
    "DELETE FROM customer_device WHERE pseudonym = %s",
)


def forget(  # noqa: PLR0913 # who, by which keys, when, who knows already, and what was said
    cur: Cursor,
    keys: tuple[RowKey, Writing],
    pseudonym: bytes,
    at: datetime,
    *,
    told_by: str = "",
    said: Collection[ConsentEvent] = (),
) -> int:
    """Forget somebody; return to how many devices it is written.

    Args:
        cur: The caller is ``alone`` in its transaction.
        keys: Central's.
        pseudonym: Whom.
        at: When central heard of it.
        told_by: The device that forgot them already; nothing is written to it.
        said: What was said beside what is kept.
    """
    key, writing = keys
    before = (*consent_rows.of(cur, pseudonym), *said)
    erased_marks.note(cur, key, pseudonym, before, at)
    devices = _devices(cur, pseudonym)
    for delete in _DELETE:
        cur.execute(delete, (pseudonym,))
    for device in devices:
        _take_back_profiles(cur, device)
    others = [device for device in devices if device != told_by]
    for device in others:
        write(cur, writing, Letter(device, "erase", {"pseudonyms": [pseudonym.hex()]}, at))
    return len(others)


def no_longer_held(cur: Cursor, pseudonym: bytes, device: str) -> bool:
    """Take note that one device forgot somebody by itself; return whether no other holds them."""
    cur.execute(
        "UPDATE customer_device SET let_go = true WHERE pseudonym = %s AND device = %s",
        (pseudonym, device),
    )
    return not _devices(cur, pseudonym)


def _devices(cur: Cursor, pseudonym: bytes) -> list[str]:
    cur.execute(
        "SELECT device FROM customer_device WHERE pseudonym = %s AND NOT let_go ORDER BY device",
        (pseudonym,),
    )
    return [str(row[0]) for row in cur.fetchall()]


def _take_back_profiles(cur: Cursor, device: str) -> None:
    gone = cur.execute(
        "DELETE FROM customer_message WHERE device = %s AND kind = 'profile'", (device,)
    ).rowcount
    if gone:
        cur.execute(
            "UPDATE customer_place SET renewed_day = 0, renewed_to = '' WHERE device = %s",
            (device,),
        )
