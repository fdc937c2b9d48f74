"""Whether shoppers take less of what the new release shows, over the whole fleet. Pure.

While a device tries a release it serves part of its visits with the previous one and reports four
figures: visits and takes with either. One shop sees too few visits to tell; the sum of a wave
does. It is looked at again and again, so the interval must hold at every look: an asymptotic
confidence sequence for the difference of two shares.

Source: Waudby-Smith et al. 2021, "Time-uniform central limit theory", theorem 2.2; decisioning.md,
"always-valid CI".
"""

import math
from dataclasses import dataclass
from typing import Final

ALPHA: Final = 0.05
TUNE_VISITS: Final = 5_000
"""The number of visits at which the interval is at its narrowest for what it promises."""
LEAST_VISITS: Final = 200
"""On either side; below, the approximation by a normal distribution is none."""

FIGURES: Final = ("trial_visits", "trial_takes", "other_visits", "other_takes")
"""Names in a release state's figures."""


@dataclass(frozen=True, slots=True)
class Takings:
    """Visits, and those of them in which something shown was taken."""

    trial_visits: int = 0
    trial_takes: int = 0
    other_visits: int = 0
    other_takes: int = 0


def falls_short(takings: Takings, margin: float | None) -> str | None:
    """Return why the new release earns too little; None: that is not proven, or not asked."""
    if margin is None or min(takings.trial_visits, takings.other_visits) < LEAST_VISITS:
        return None
    new, old, most = _rates(takings)
    if most >= -margin * old:
        return None
    return (
        f"{100 * new:.1f} % of {takings.trial_visits} visits take something, with the previous "
        f"release {100 * old:.1f} % of {takings.other_visits}; {100 * margin:.0f} % less is allowed"
    )


def _rates(takings: Takings) -> tuple[float, float, float]:
    # The last: the upper end of the one-sided sequence for new - old.
    n_new, n_old = takings.trial_visits, takings.other_visits
    new, old = takings.trial_takes / n_new, takings.other_takes / n_old
    visits = n_new + n_old
    variance = visits * (new * (1 - new) / n_new + old * (1 - old) / n_old)
    two_sided = 2 * ALPHA
    tuned = -2 * math.log(two_sided)
    rho2 = (tuned + math.log(tuned + 1)) / TUNE_VISITS
    grown = visits * rho2 + 1
    half = math.sqrt(
        2 * variance * grown / (visits**2 * rho2) * math.log(math.sqrt(grown) / two_sided)
    )
    return new, old, new - old + half
