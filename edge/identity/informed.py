"""A profile, and which withdrawals it knew of: what did not know of one ends with it.

``knows`` only grows. Of each purpose that is kept which knew of every withdrawal in it, so the
order in which words, withdrawals and new consents arrive is no matter, nor how often: a word of
before a withdrawal is no more allowed because the customer consented anew after it.

Source: ADR 0031.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.identity.consent import Purpose
from edge.identity.profile import MAX_PURCHASES, Profile, kept_for
from edge.identity.profile_merge import joined

KEPT_PURPOSES: Final = (Purpose.TASTES, Purpose.PAST_ORDERS)
"""For which something is kept in a profile."""

Knows = Mapping[Purpose, frozenset[str]]
"""Purpose -> what stands for the withdrawals of it that were known."""


@dataclass(frozen=True, slots=True)
class Informed:
    """What is kept of a customer, and which withdrawals it knew of."""

    profile: Profile = field(default_factory=Profile, repr=False)
    knows: Knows = field(default_factory=dict, repr=False)


def merged(one: Informed, other: Informed, today: int, most: int = MAX_PURCHASES) -> Informed:
    """Return what both say together, of each purpose without what did not know of a withdrawal."""
    knows = {
        purpose: _marks(one.knows, purpose) | _marks(other.knows, purpose)
        for purpose in KEPT_PURPOSES
    }
    profile = joined(
        kept_for(one.profile, _still(one, knows)),
        kept_for(other.profile, _still(other, knows)),
        today,
        most,
    )
    return Informed(profile, knows)


def _still(one: Informed, knows: Knows) -> Collection[Purpose]:
    return {purpose for purpose in KEPT_PURPOSES if _marks(one.knows, purpose) == knows[purpose]}


def _marks(knows: Knows, purpose: Purpose) -> frozenset[str]:
    return knows.get(purpose, frozenset())
