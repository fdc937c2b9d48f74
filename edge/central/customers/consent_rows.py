"""What customers said about consent, in PostgreSQL: rows that are only added, or all deleted.

What holds is asked of ``edge.identity.consent_merge``, as on devices, so the order in which things
arrive, and how often, is no matter.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, Final, LiteralString

import orjson

from edge.central.postgres import Cursor
from edge.identity.consent import ConsentEvent, Notice, Purpose
from edge.identity.consent_merge import merge

_ADD: Final[LiteralString] = """
INSERT INTO consent_event(pseudonym, event_id, digest, record_id, purpose, state, at, valid_until,
  notice_version, knows)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_READ: Final[LiteralString] = """
SELECT event_id, record_id, purpose, state, at, valid_until, notice_version, knows
FROM consent_event WHERE pseudonym = %s
"""
_END: Final[LiteralString] = """
DELETE FROM consent_event WHERE pseudonym = %s AND purpose = %s AND state IN ('given', 'renewed')
"""
MOST: Final = 2_000
"""Of one customer; a person does not say more in thirteen months, a broken device may."""


def add(cur: Cursor, pseudonym: bytes, said: Iterable[ConsentEvent]) -> int:
    """Keep what is new of ``said`` and return how many that is."""
    row = cur.execute(
        "SELECT count(*) FROM consent_event WHERE pseudonym = %s", (pseudonym,)
    ).fetchone()
    room = MOST - (int(row[0]) if row else 0)
    added = 0
    # Withdrawals get twice the room, for leaving one out would allow what was taken back. Beyond it
    # nothing is given any more, so what was given goes in place of a word that would end it.
    for event in said:
        is_end = event.state == "withdrawn"
        if room > (-MOST if is_end else 0):
            cur.execute(_ADD, (pseudonym, *_values(event)))
            room -= cur.rowcount
        elif is_end:
            cur.execute(_END, (pseudonym, event.purpose.value))
        else:
            continue
        added += cur.rowcount
    return added


def of(cur: Cursor, pseudonym: bytes) -> tuple[ConsentEvent, ...]:
    """Return everything a customer said, each event once, in order."""
    cur.execute(_READ, (pseudonym,))
    return merge((), (_event(row) for row in cur.fetchall()))


def _values(event: ConsentEvent) -> tuple[object, ...]:
    facts = (
        event.event_id,
        event.record_id,
        event.purpose.value,
        event.state,
        event.at,
        event.valid_until,
        event.notice.version,
        sorted(event.knows),
    )
    digest = hashlib.sha256(orjson.dumps(facts)).digest()[:16]
    return event.event_id, digest, *facts[1:]


def _event(row: tuple[Any, ...]) -> ConsentEvent:
    event_id, record_id, purpose, state, at, valid_until, version, knows = row
    return ConsentEvent(
        event_id=event_id,
        record_id=record_id,
        purpose=Purpose(purpose),
        state=state,
        at=at,
        method="app_toggle",
        notice=Notice("central", version, bytes(32), bytes(32), ""),
        valid_until=valid_until,
        knows=frozenset(knows),
    )
