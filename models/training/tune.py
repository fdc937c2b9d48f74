"""Choose settings on the validation days, one setting at a time, and never look further.

The measure is what the screens need: the mean of HR@3 (a strip shows three or four) and MRR@10 of
basket completion, and R@5 of the board.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from models.training.additive import Additive
from models.training.counts import count
from models.training.evaluate import board_recall, completion
from models.training.fit import Settings, fit
from models.training.prepare import Tickets
from models.training.refine import fit_refined
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
REFINE_PENALTIES: Final = (40.0, 20.0, 10.0, 5.0)
TREND_WEIGHTS: Final = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)

FEWEST_TREND_TICKETS: Final = 200
"""Tickets with a trend below which the weight is a guess, and the shipped one is kept."""

LARGEST_SAMPLE: Final = 20_000
"""Tickets that a setting is tried on: every so manieth, so that a run stays within minutes."""

LARGEST_TABLE: Final = 40_000_000
"""The same as scores, so that a large catalog is tried on fewer tickets (but 500)."""

STEPS: Final = (
    ROUNDS * sum(len(values) for values in GRID.values())
    + len(REFINE_PENALTIES)
    + len(TREND_WEIGHTS)
)


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings chosen, and the measure before and after."""

    settings: Settings
    before: float
    after: float


def tune(
    earlier: Tickets, validation: Tickets, trend: TrendInputs, step: Callable[[], None]
) -> Tuned:
    """Return the best settings on ``validation`` for a model of ``earlier`` tickets.

    Args:
        earlier: The days before validation.
        validation: Tickets to choose by.
        trend: The trend inputs in force at those tickets.
        step: Called ``STEPS`` times, for a progress bar.
    """
    sample, counts = _sample(validation), count(earlier)
    best = Settings()
    before = score = measure(fit(counts, best), sample, None)
    for _ in range(ROUNDS):
        for name, values in GRID.items():
            for value in values:
                tried = _with(best, name, value)
                step()
                if tried != best and (found := measure(fit(counts, tried), sample, None)) > score:
                    best, score = tried, found
    for penalty in REFINE_PENALTIES:
        tried = replace(best, refine_penalty=penalty)
        step()
        if (found := measure(fit_refined(counts, earlier, tried), sample, None)) > score:
            best, score = tried, found
    model = fit_refined(counts, earlier, best)
    return Tuned(_with_trend(model, best, (validation, trend), step), before, score)


def measure(model: Additive, tickets: Tickets, trend: TrendInputs | None) -> float:
    """Return the mean of completion HR@3, completion MRR@10 and board R@5."""
    found = completion(model, tickets, trend)
    return (found.hr(3) + found.mrr() + board_recall(model, tickets, trend)) / 3.0


def _with_trend(
    model: Additive,
    settings: Settings,
    seen: tuple[Tickets, TrendInputs],
    step: Callable[[], None],
) -> Settings:
    validation, trend = seen
    during = trend.row > 0
    tickets = validation.only(during)
    inputs = TrendInputs(trend.orders, trend.row[during])
    found = []
    for weight in TREND_WEIGHTS:
        step()
        if len(tickets) >= FEWEST_TREND_TICKETS:
            tried = replace(model, trend=replace(model.trend, weight=weight))
            chosen = replace(settings, trend_weight=weight, trend_fitted=True)
            found.append((measure(tried, tickets, inputs), -weight, chosen))
    return max(found, key=lambda one: one[:2])[2] if found else settings


def _with(settings: Settings, name: str, value: float) -> Settings:
    changed: dict[str, Any] = {name: value}
    return replace(settings, **changed)


def _sample(tickets: Tickets) -> Tickets:
    most = min(LARGEST_SAMPLE, max(500, LARGEST_TABLE // len(tickets.names)))
    every = max(1, -(-len(tickets) // most))
    return tickets.only(np.arange(len(tickets)) % every == 0)
