"""A profile, and which withdrawals it knew of: what did not know of one ends with it.

Consent in force is not enough to keep a word: whoever withdraws and consents again must not get
back what was said before, however late it comes. So of each purpose that is kept which knew of
every withdrawal, and the order in which words, withdrawals and new consents arrive is no matter.

Source: ADR 0031.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.identity.consent import Purpose
from edge.identity.profile import Profile, kept_for
from edge.identity.profile_merge import joined

KEPT_PURPOSES: Final = (Purpose.TASTES, Purpose.PAST_ORDERS)
"""For which something is kept in a profile."""

Knows = Mapping[Purpose, frozenset[str]]
"""Purpose -> what stands for the withdrawals of it that were known."""


@dataclass(frozen=True, slots=True)
class Informed:
    """What is said of a customer, and which withdrawals were known where it was said."""

    profile: Profile = field(default_factory=Profile, repr=False)
    knows: Knows = field(default_factory=dict, repr=False)


def marks(knows: Knows, purpose: Purpose) -> frozenset[str]:
    """Return what was known of withdrawals of one purpose."""
    return knows.get(purpose, frozenset())


def still_said(one: Informed, withdrawn: Knows) -> Profile:
    """Return what of ``one`` knew of everything that was ``withdrawn``."""
    knew = {
        purpose
        for purpose in KEPT_PURPOSES
        if marks(withdrawn, purpose) <= marks(one.knows, purpose)
    }
    return kept_for(one.profile, knew)


def known_together(one: Informed, other: Informed, today: int) -> Profile:
    """Return what both say, without what did not know of a withdrawal that the other knew."""
    withdrawn = {
        purpose: marks(one.knows, purpose) | marks(other.knows, purpose)
        for purpose in KEPT_PURPOSES
    }
    return joined(still_said(one, withdrawn), still_said(other, withdrawn), today)
