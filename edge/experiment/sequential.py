"""Look as often as you like: an interval for a difference that holds at every look at once.

The asymptotic confidence sequence: a fixed-time interval is right at one look, and a rule that looks
each minute would stop a perfectly good model sooner or later (at 200 looks in two of five
cases). This one is wider, by a factor that grows with the logarithm of what was seen, and is wrong
at any look, ever, in at most ``alpha`` of cases.

Source: decisioning.md 7 of the design; Waudby-Smith et al., "Time-uniform central limit theory
and asymptotic confidence sequences" (2021), in the form of GrowthBook's gbstats 0.8.0.
"""

import math
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of one arm: how many units, their sum, and the sum of their squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of_takes(cls, count: int, takes: int) -> Self:
        """Return the sample of ``takes`` yeses among ``count`` units."""
        return cls(count, float(takes), float(takes))

    @property
    def mean(self) -> float:
        """The mean; 0 when there is nothing."""
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """The variance of one unit, never below 0."""
        if self.count < 2:
            return 0.0
        return max(0.0, (self.squares - self.count * self.mean**2) / (self.count - 1))

    def smoothed(self) -> "Sample":
        """Return the sample of yeses with one more of each: no arm then seems certain."""
        return Sample(self.count + 2, self.total + 1, self.squares + 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """How sure, and where the interval is narrowest.

    ``tune_n`` is the number of units, of both arms together, at which it is. Below ``least`` units
    in either arm nothing is said: the sequence rests on the central limit theorem.
    """

    alpha: float = 0.05
    tune_n: int = 5_000
    least: int = 50


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the difference new minus old lies."""

    low: float
    high: float


EVERYTHING = Interval(-math.inf, math.inf)


def difference(old: Sample, new: Sample, rule: Rule) -> Interval:
    """Return where the difference of the means, new minus old, lies; valid at any look."""
    if min(old.count, new.count) < max(rule.least, 2):
        return EVERYTHING
    units = old.count + new.count
    error = math.sqrt(old.variance / old.count + new.variance / new.count)
    half = error * width_factor(units, rule)
    found = new.mean - old.mean
    return Interval(found - half, found + half)


def width_factor(units: int, rule: Rule) -> float:
    """Return how many standard errors the interval reaches to each side (fixed time: 1.96)."""
    spent = -2 * math.log(rule.alpha)
    rho2 = (spent + math.log(spent + 1)) / rule.tune_n
    grown = units * rho2 + 1
    return math.sqrt(2 * grown / (units * rho2) * math.log(math.sqrt(grown) / rule.alpha))


def falls_below(old: Sample, new: Sample, margin: float, rule: Rule) -> bool:
    """Say whether a share of yeses is certainly lower than before, by more than ``margin``."""
    if min(old.count, new.count) < rule.least:
        return False
    return difference(old.smoothed(), new.smoothed(), rule).high < -margin


def rises_above(old: Sample, new: Sample, margin: float, rule: Rule) -> bool:
    """Say whether a mean (a time) is certainly higher than before, by more than ``margin``."""
    return difference(old, new, rule).low > margin
