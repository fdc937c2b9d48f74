"""What customers bought and told us, in PostgreSQL: one row each, sealed under central's row key.

No product, category or name stands beside a pseudonym in clear, and no time that an order has too.
The caller is ``alone`` in its transaction wherever something changes.

Source: ADR 0031.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, LiteralString

import orjson
from pydantic import ValidationError

from edge.central.customers import consent_rows
from edge.central.customers.keys import CustomerKeys
from edge.central.customers.row_key import RowKey
from edge.central.customers.words import Words, days_of, for_purposes, heard, together, without
from edge.central.postgres import Cursor
from edge.core.errors import TrustError, WireContractError
from edge.identity.consent import ConsentEvent, Purpose, ends_at, grants_in_force
from edge.identity.day_keys import day_of
from edge.identity.informed import Informed
from edge.identity.profile import HISTORY_DAYS, Profile, Wishes
from edge.wire.profile_facts import (
    Entry,
    PurchaseLine,
    WishesSaid,
    purchase_line,
    wishes_said,
)
from edge.wire.profile_facts import (
    profile_of as profile_from,
)
from edge.wire.taste_event import known_withdrawals

PACE: Final = timedelta(minutes=1)
"""Devices are told of one customer's tastes at most so often."""
_FOR: Final = b"/profile"
_TIDY_DAYS: Final = 30
_READ: Final[LiteralString] = "SELECT sealed FROM customer_profile WHERE pseudonym = %s"
_KEEP: Final[LiteralString] = """
INSERT INTO customer_profile(pseudonym, sealed, tidy_day) VALUES (%s, %s, %s)
ON CONFLICT (pseudonym) DO UPDATE SET sealed = excluded.sealed, tidy_day = excluded.tidy_day
"""
_DUE: Final[LiteralString] = """
UPDATE customer_profile SET
  said_by = CASE WHEN due_at IS NULL OR said_by = %(said_by)s THEN %(said_by)s ELSE '' END,
  due_at = coalesce(due_at, greatest(date_trunc('minute', %(now)s::timestamptz), told_at + %(pace)s))
WHERE pseudonym = %(pseudonym)s
"""
_TOLD: Final[LiteralString] = """
UPDATE customer_profile SET due_at = NULL, said_by = '', told_at = date_trunc('minute', %s::timestamptz)
WHERE pseudonym = ANY(%s) AND due_at IS NOT NULL
"""
_TO_TIDY: Final[LiteralString] = """
SELECT p.pseudonym, c.pseudonym IS NOT NULL FROM customer_profile p
LEFT JOIN customer c ON c.pseudonym = p.pseudonym
WHERE p.tidy_day <= %s ORDER BY p.tidy_day LIMIT %s
"""


class _Word(Entry):
    purpose: Purpose
    knows: frozenset[str]
    purchases: tuple[PurchaseLine, ...]
    wishes: WishesSaid | None
    wrong: dict[str, int]


class _Row(Entry):
    words: tuple[_Word, ...]


def profile_of(cur: Cursor, row_key: RowKey, pseudonym: bytes) -> Profile:
    """Return what is kept of somebody; the empty profile when nothing is.

    Whoever says or shows it leaves out what they do not allow now (``kept_for``).
    """
    return together(_held(cur, row_key, pseudonym))


def merge_in(  # noqa: PLR0913 # who said what of whom, when, and knowing what
    cur: Cursor,
    keys: CustomerKeys,
    pseudonym: bytes,
    said: Profile | Informed,
    now: datetime,
    *,
    told_by: str,
) -> bool:
    """Merge what was said into what is kept, and have devices told; return whether it is new.

    Args:
        cur: Of a transaction in which the caller is ``alone``.
        keys: Central's.
        pseudonym: Of whom.
        said: What they bought and told us, in absolute values. A bare profile was said here, where
            every withdrawal is known that central knows of.
        now: The time.
        told_by: The device that said it and is not told of it again; "" when central did.
    """
    consents, today = consent_rows.of(cur, pseudonym), day_of(now)
    withdrawn, before = known_withdrawals(consents), _held(cur, keys.row_key, pseudonym)
    told = _of_now(said, today) if isinstance(said, Informed) else Informed(said, withdrawn)
    after = without(heard(without(before, withdrawn, today), told, today), withdrawn, today)
    if after == before:
        return False
    _keep(cur, keys, pseudonym, after, _tidy_day(after, consents, now))
    if together(after) == together(before):
        return False
    facts = {"said_by": told_by, "now": now, "pace": PACE, "pseudonym": pseudonym}
    cur.execute(_DUE, facts)
    return True


def keep_only(
    cur: Cursor,
    keys: CustomerKeys,
    pseudonym: bytes,
    consents: Sequence[ConsentEvent],
    now: datetime,
) -> None:
    """Delete what ends with the withdrawals in ``consents``, all that somebody said about consent.

    Devices are told of the withdrawal itself, and delete by it.
    """
    before = _held(cur, keys.row_key, pseudonym)
    after = without(before, known_withdrawals(consents), day_of(now))
    if after != before:
        _keep(cur, keys, pseudonym, after, _tidy_day(after, consents, now))


def were_told(cur: Cursor, pseudonyms: Sequence[bytes], now: datetime) -> None:
    """Take note that devices are being told of these customers."""
    cur.execute(_TOLD, (now, list(pseudonyms)))


def tidy(cur: Cursor, keys: CustomerKeys, now: datetime, most: int) -> int:
    """Delete what has become too old or is allowed no more; return how many rows were looked at."""
    rows = cur.execute(_TO_TIDY, (day_of(now), most)).fetchall()
    for found, is_customer in rows:
        pseudonym = bytes(found)
        consents = consent_rows.of(cur, pseudonym)
        allowed = grants_in_force(consents, now) if is_customer else ()
        held = _held(cur, keys.row_key, pseudonym)
        fresh = without(held, known_withdrawals(consents), day_of(now))
        after = for_purposes(fresh, allowed)
        _keep(cur, keys, pseudonym, after, _tidy_day(after, consents, now))
    return len(rows)


def _of_now(said: Informed, today: int) -> Informed:
    """Leave out wishes of a device whose clock is days ahead, as purchases are: they would win for years."""
    at = said.profile.wishes_changed_at
    if at is None or day_of(at) <= today + 1:
        return said
    return replace(said, profile=replace(said.profile, wishes=Wishes(), wishes_changed_at=None))


def _held(cur: Cursor, row_key: RowKey, pseudonym: bytes) -> Words:
    row = cur.execute(_READ, (pseudonym,)).fetchone()
    if row is None:
        return {}
    try:
        found = _Row.model_validate(orjson.loads(row_key.open(bytes(row[0]), pseudonym + _FOR)))
    except ValueError:  # pydantic and JSON raise it, and may quote the row
        msg = "wanted words of a customer as they were kept, got a row that holds something else"
        raise TrustError(msg) from None
    return {
        (one.purpose, one.knows): profile_from(one.purchases, one.wishes, one.wrong)
        for one in found.words
    }


def _keep(cur: Cursor, keys: CustomerKeys, pseudonym: bytes, words: Words, tidy_day: int) -> None:
    if not words:
        cur.execute("DELETE FROM customer_profile WHERE pseudonym = %s", (pseudonym,))
        return
    said = [
        {
            "purpose": purpose.value,
            "knows": sorted(known),
            "purchases": [purchase_line(one) for one in profile.purchases],
            "wishes": wishes_said(profile),
            "wrong": dict(profile.wrong),
        }
        for (purpose, known), profile in words.items()
    ]
    try:
        _Row.model_validate({"words": said})
    except ValidationError as error:
        # What could not be read again would stand in the way of everybody's messages.
        msg = f"wanted words that can be kept of a customer, got {error.error_count()} that cannot"
        raise WireContractError(msg) from None
    sealed = keys.row_key.seal(orjson.dumps({"words": said}), pseudonym + _FOR, keys.writing.chance)
    cur.execute(_KEEP, (pseudonym, sealed, tidy_day))


def _tidy_day(words: Words, consents: Iterable[ConsentEvent], now: datetime) -> int:
    """Return the day on which to look again: something is too old then, or allowed no more."""
    today = day_of(now)
    grants = grants_in_force(consents, now)
    if for_purposes(words, grants) != words:
        return today + 1  # a consent may be on its way
    too_old = [day + HISTORY_DAYS for profile in words.values() for day in days_of(profile)]
    over = [day_of(ends_at(grant)) + 1 for grant in grants.values()]
    return max(today + 1, min([today + _TIDY_DAYS, *too_old, *over]))
