"""Whether shoppers take less of what the new release shows, over the whole fleet. Pure.

While a device tries a release it serves part of its visits with the previous one and reports how
many visits either served, and how many of them took something. One shop sees too few visits to
tell a slightly worse model; the sum of a wave does.
"""

from dataclasses import dataclass
from typing import Final

from edge.experiment.sequential import Rule, Sample, falls_below

RULE: Final = Rule(least=200)

FIGURES: Final = ("visits_new", "takes_new", "visits_old", "takes_old")
"""Names in a release state's figures; see ``edge.update.trial.figures``."""
MISMATCH: Final = "arms_mismatch"
"""A device that reports this has lost visits of one side; its figures say nothing."""


@dataclass(frozen=True, slots=True)
class Takings:
    """Visits, and those of them in which something shown was taken."""

    visits_new: int = 0
    takes_new: int = 0
    visits_old: int = 0
    takes_old: int = 0


def falls_short(takings: Takings, margin: float | None) -> str | None:
    """Return why the new release earns too little; None: that is not proven, or not asked.

    Args:
        takings: Of all devices that try, or tried, it.
        margin: How much less is allowed, as a share of what the previous release takes.
    """
    if margin is None or not takings.visits_old:
        return None
    old = Sample.of_takes(takings.visits_old, takings.takes_old)
    new = Sample.of_takes(takings.visits_new, takings.takes_new)
    if not falls_below(old, new, margin * old.mean, RULE):
        return None
    return (
        f"{new.mean:.1%} of {new.count} visits take something, with the previous release "
        f"{old.mean:.1%} of {old.count}; {margin:.0%} less is allowed"
    )
