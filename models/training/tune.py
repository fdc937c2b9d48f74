"""Choose settings on the validation days, one setting at a time, and never look further.

The measure is what the screens need: the mean of MRR@10 of basket completion and R@5 of the
board. MRR@10 is steadier than HR@3, which moves by whole tickets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from models.training.counts import Counts
from models.training.evaluate import board_recall, completion
from models.training.fit import Settings, fit
from models.training.prepare import Tickets
from models.training.trend_inputs import TrendInputs

GRID: Final[dict[str, tuple[float, ...]]] = {
    "half_life_days": (np.inf, 120.0, 60.0, 40.0, 30.0, 20.0, 14.0),
    "hour_prior": (5.0, 10.0, 20.0, 50.0, 100.0, 300.0),
    "weekday_prior": (20.0, 50.0, 100.0, 200.0, 500.0, np.inf),
    "lift_prior": (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0),
    "size_power": (0.0, 0.25, 0.5, 0.75, 1.0),
    "basket_weight": (0.5, 0.7, 0.85, 1.0, 1.2, 1.4),
}
ROUNDS: Final = 2
TREND_WEIGHTS: Final = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)

FEWEST_TREND_TICKETS: Final = 200
"""Tickets with a trend below which the weight is a guess, and the shipped one is kept."""

LARGEST_SAMPLE: Final = 20_000
"""Tickets that a setting is tried on: every so manieth, so that a run stays within minutes."""

STEPS: Final = ROUNDS * sum(len(values) for values in GRID.values()) + len(TREND_WEIGHTS)


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings chosen, and the measure before and after."""

    settings: Settings
    before: float
    after: float


def tune(
    counts: Counts, validation: Tickets, trend: TrendInputs, step: Callable[[], None]
) -> Tuned:
    """Return the best settings on ``validation`` for a model of ``counts``.

    Args:
        counts: Of the days before validation.
        validation: Tickets to choose by.
        trend: The trend inputs in force at those tickets.
        step: Called ``STEPS`` times, for a progress bar.
    """
    sample = _sample(validation)
    best = Settings()
    before = score = measure(counts, sample, best, None)
    for _ in range(ROUNDS):
        for name, values in GRID.items():
            for value in values:
                tried = _with(best, name, value)
                step()
                if tried != best and (found := measure(counts, sample, tried, None)) > score:
                    best, score = tried, found
    return Tuned(_with_trend(counts, validation, trend, best, step), before, score)


def measure(
    counts: Counts, tickets: Tickets, settings: Settings, trend: TrendInputs | None
) -> float:
    """Return the mean of completion MRR@10 and board R@5."""
    model = fit(counts, settings)
    found = completion(model, tickets, trend).mrr()
    return 0.5 * (found + board_recall(model, tickets, trend))


def _with_trend(
    counts: Counts,
    validation: Tickets,
    trend: TrendInputs,
    settings: Settings,
    step: Callable[[], None],
) -> Settings:
    during = trend.row > 0
    tickets = validation.only(during)
    inputs = TrendInputs(trend.orders, trend.row[during])
    found = []
    for weight in TREND_WEIGHTS:
        step()
        if len(tickets) >= FEWEST_TREND_TICKETS:
            tried = replace(settings, trend_weight=weight, trend_fitted=True)
            found.append((measure(counts, tickets, tried, inputs), -weight, tried))
    return max(found, key=lambda one: one[:2])[2] if found else settings


def _with(settings: Settings, name: str, value: float) -> Settings:
    changed: dict[str, Any] = {name: value}
    return replace(settings, **changed)


def _sample(tickets: Tickets) -> Tickets:
    every = -(-len(tickets) // LARGEST_SAMPLE)
    return tickets.only(np.arange(len(tickets)) % every == 0)
