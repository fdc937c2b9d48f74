"""What shops said of one customer, apart by what was known of withdrawals where it was said. Pure.

Most customers have one word a purpose: nobody withdrew anything, or everybody knows of it. Apart,
because a withdrawal that comes later ends the words that did not know of it, and no others; and
because a shop that claims to know of withdrawals which nobody else heard of must not end what the
others say.

Source: ADR 0031.
"""

from collections.abc import Collection, Mapping
from functools import reduce
from typing import Final

from edge.identity.consent import Purpose
from edge.identity.informed import KEPT_PURPOSES, Informed, Knows, marks
from edge.identity.profile import Profile, kept_for
from edge.identity.profile_merge import joined

MOST_LINES: Final = 500
"""Purchases in a word: more than twice what a device keeps, so that no order of a person's messages
reaches it; a broken device's may."""
MOST_WORDS: Final = 4
"""Of one purpose. Only a device that makes withdrawals up needs more; it is not listened to."""

Words = Mapping[tuple[Purpose, frozenset[str]], Profile]
"""(purpose, known withdrawals) -> what was said for it."""


def heard(words: Words, said: Informed, today: int) -> Words:
    """Return ``words`` joined with what one shop said."""
    found = dict(words)
    for purpose in KEPT_PURPOSES:
        part, key = kept_for(said.profile, {purpose}), (purpose, marks(said.knows, purpose))
        is_room = key in found or sum(one is purpose for one, _ in found) < MOST_WORDS
        if part != Profile() and is_room:
            found[key] = joined(found.get(key, Profile()), part, today, MOST_LINES)
    return _fresh(found, today)


def without(words: Words, withdrawn: Knows, today: int) -> Words:
    """Return the words that knew of everything that was ``withdrawn``, without what is too old."""
    still = {
        (purpose, known): profile
        for (purpose, known), profile in words.items()
        if marks(withdrawn, purpose) <= known
    }
    return _fresh(still, today)


def for_purposes(words: Words, allowed: Collection[Purpose]) -> Words:
    """Return the words of purposes that are allowed."""
    return {key: profile for key, profile in words.items() if key[0] in allowed}


def together(words: Words) -> Profile:
    """Return what all words say; what is too old was left out when they were kept."""
    said = tuple(words.values())
    if len(said) == 1:
        return said[0]  # as it was kept
    # As of the day before the newest: nothing of it is ahead, and nothing is older than it was.
    today = max((day for one in said for day in days_of(one)), default=0) - 1
    return reduce(lambda one, other: joined(one, other, today, MOST_LINES), said, Profile())


def days_of(profile: Profile) -> tuple[int, ...]:
    """Return the days that a profile is about."""
    return (*(one.day for one in profile.purchases), *profile.wrong.values())


def _fresh(words: Words, today: int) -> Words:
    fresh = {key: joined(Profile(), profile, today, MOST_LINES) for key, profile in words.items()}
    return {key: profile for key, profile in fresh.items() if profile != Profile()}
