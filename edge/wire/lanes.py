"""The four lanes in which events leave: when the line is narrow, the more important go first."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class Lane(StrEnum):
    """A lane; declared from the highest priority to the lowest."""

    CONSENT = "c"
    """Consent, withdrawal, erasure; what customers bought and told us, behind the consent to it."""
    TRANSACTION = "t"
    """Order, release report, audit head."""
    ENGAGEMENT = "e"
    """Decision, exposure, engagement, play."""
    METRICS = "m"
    """Health, counts."""


WORTH_FOR: Final = timedelta(days=30)
"""How long an event of lanes e and m is worth delivering: the longest absence that is promised."""

FOR_GOOD: Final = timedelta(days=3650)
"""The same for consents and orders, which are never dropped; it only fills the column."""


def worth_for(lane: Lane) -> timedelta:
    """Return how long an event of ``lane`` is worth delivering."""
    return FOR_GOOD if lane in {Lane.CONSENT, Lane.TRANSACTION} else WORTH_FOR
