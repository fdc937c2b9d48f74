"""Join what two places know of a customer, and tell what one of them came to know.

Joining in any order and any number of times gives the same, so neither central nor a device needs
to know which message came first: of a product and day the larger count holds, of wishes the newer
word, of "that is wrong" the later day, of a gift whoever was told more often.

Source: ADR 0031; decided.md 30, 36.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from edge.identity.profile import (
    HISTORY_DAYS,
    MAX_PURCHASES,
    Profile,
    Purchase,
    Wishes,
    newest,
)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def joined(one: Profile, other: Profile, today: int, most: int = MAX_PURCHASES) -> Profile:
    """Return what ``one`` and ``other`` know together.

    What lies ahead of tomorrow is left out: it would never be old enough to go. ``most`` purchases
    are kept, the newest; only beyond it does the order of joining matter, when some of the dropped
    would have made room for others by being wrong.
    """
    wrong = _wrong(one.wrong, other.wrong, today, most)
    said = _purchases((*one.purchases, *other.purchases))
    right = (p for p in said if wrong.get(p.sku, -1) < p.day <= today + 1)
    latest = max(one, other, key=_said_last)
    return Profile(
        wishes=latest.wishes,
        purchases=newest(right, today, most),
        wrong=wrong,
        wishes_changed_at=latest.wishes_changed_at,
    )


def difference(before: Profile, after: Profile) -> Profile:
    """Return what ``after`` says that ``before`` did not, in absolute values.

    What was left out to keep a profile small is no word about it and not in here.
    """
    known = set(before.purchases)
    is_wish = (before.wishes, before.wishes_changed_at) != (after.wishes, after.wishes_changed_at)
    return Profile(
        wishes=after.wishes if is_wish else Wishes(),
        purchases=tuple(one for one in after.purchases if one not in known),
        wrong={sku: day for sku, day in after.wrong.items() if before.wrong.get(sku) != day},
        wishes_changed_at=after.wishes_changed_at if is_wish else None,
    )


def _wrong(
    one: Mapping[str, int], other: Mapping[str, int], today: int, most: int
) -> Mapping[str, int]:
    days: dict[str, int] = {}
    for sku, day in (*one.items(), *other.items()):
        if today - HISTORY_DAYS < day <= today + 1:
            days[sku] = max(day, days.get(sku, day))
    return dict(sorted(days.items(), key=lambda said: (-said[1], said[0]))[:most])


def _purchases(said: Iterable[Purchase]) -> Iterable[Purchase]:
    kept: dict[tuple[str, int], Purchase] = {}
    for new in said:
        before = kept.setdefault((new.sku, new.day), new)
        if before is new or before == new:  # nearly always
            continue
        told = max(before, new, key=lambda p: (p.gift_said, p.is_gift))
        kept[new.sku, new.day] = replace(told, count=max(before.count, new.count))
    return kept.values()


def _said_last(profile: Profile) -> tuple[object, ...]:
    """Order wishes by when they were said; no two different ones are equal."""
    wishes, at = profile.wishes, profile.wishes_changed_at
    return (
        at or _NEVER,
        wishes != Wishes(),
        (sorted(wishes.starred), sorted(wishes.muted), sorted(wishes.less)),
        (wishes.surprise, wishes.help_level, wishes.name, wishes.shows_name),
    )
