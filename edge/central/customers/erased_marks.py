"""Who was erased, so that an old message does not bring them back, in whatever order things arrive.

As on devices (edge/store/forgotten.py): a keyed mark, and beside it what stands for each
withdrawal. Consent holds again only if it knew of every withdrawal of its purpose; where there was
none, only if it was given after central heard of the erasure.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, LiteralString

from edge.central.customers.row_key import RowKey
from edge.central.postgres import Cursor
from edge.identity.consent import HOLDS, VALID_FOR, ConsentEvent, Purpose

KEPT: Final = VALID_FOR
"""No consent of before is in force any longer then."""
MOST_KNOWN: Final = 60
"""Withdrawals that a consent can name; a mark that holds more of a purpose lets none of it pass."""
_CLOCKS: Final = timedelta(minutes=5)
_NOTE: Final[LiteralString] = """
INSERT INTO customer_erased AS e (mark, erased_at, withdrawn) VALUES (%s, %s, %s)
ON CONFLICT (mark) DO UPDATE SET erased_at = greatest(e.erased_at, excluded.erased_at),
  withdrawn = ARRAY(SELECT DISTINCT unnest(e.withdrawn || excluded.withdrawn) ORDER BY 1)
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """That somebody was erased."""

    erased_at: datetime
    withdrawn: frozenset[bytes] = field(repr=False)


def note(
    cur: Cursor, key: RowKey, pseudonym: bytes, said: Iterable[ConsentEvent], at: datetime
) -> None:
    """Mark somebody as erased; what was withdrawn joins what the mark holds already."""
    cur.execute(_NOTE, (key.mark(pseudonym), at, _withdrawn(key, said)))


def learn(cur: Cursor, key: RowKey, pseudonym: bytes, said: Iterable[ConsentEvent]) -> None:
    """Let a withdrawal that comes after the erasure join its mark, while consent could know of it."""
    mark = of(cur, key, pseudonym)
    if mark is None:
        return
    held = Counter(one[-1] for one in mark.withdrawn)
    new = [one for one in _withdrawn(key, said) if held[one[-1]] <= MOST_KNOWN]
    if set(new) - mark.withdrawn:
        cur.execute(
            "UPDATE customer_erased SET withdrawn ="
            " ARRAY(SELECT DISTINCT unnest(withdrawn || %s::bytea[]) ORDER BY 1) WHERE mark = %s",
            (new, key.mark(pseudonym)),
        )


def of(cur: Cursor, key: RowKey, pseudonym: bytes) -> Mark | None:
    """Return the mark of somebody, or None."""
    row = cur.execute(
        "SELECT erased_at, withdrawn FROM customer_erased WHERE mark = %s", (key.mark(pseudonym),)
    ).fetchone()
    return None if row is None else Mark(row[0], frozenset(bytes(one) for one in row[1]))


def clear(cur: Cursor, key: RowKey, pseudonym: bytes) -> None:
    """Take the mark away: they came back of their own will."""
    cur.execute("DELETE FROM customer_erased WHERE mark = %s", (key.mark(pseudonym),))


def still_said(key: RowKey, mark: Mark, said: Iterable[ConsentEvent]) -> tuple[ConsentEvent, ...]:
    """Return what of ``said`` holds after the erasure: what knew of it, and what only ends."""
    return tuple(one for one in said if one.state not in HOLDS or _knew(key, mark, one))


def _knew(key: RowKey, mark: Mark, event: ConsentEvent) -> bool:
    number = tuple(Purpose).index(event.purpose)
    withdrawn = {one for one in mark.withdrawn if one[-1] == number}
    if not withdrawn:  # then only the time can tell
        return event.at > mark.erased_at + _CLOCKS
    return withdrawn <= {key.withdrawal(known, event.purpose) for known in event.knows}


def _withdrawn(key: RowKey, said: Iterable[ConsentEvent]) -> list[bytes]:
    return sorted(
        {key.withdrawal(one.event_id, one.purpose) for one in said if one.state == "withdrawn"}
    )
