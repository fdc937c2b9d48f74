"""Turn scores into p(take): sigmoid(a · score + b), fitted on validation.

Scores order items; they are no probabilities. Deciding what to show weighs p(take) against
margins, so two numbers are fitted by logistic regression on what validation tickets took, over
the items of each request that are candidates when an appliance decides. Requests with an empty
basket and with a basket count alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.recommend.ranker import K_MAX
from models.training.additive import Additive, Doubles
from models.training.evaluate import Scores, board_scores, completion_scores
from models.training.prepare import Tickets
from models.training.trend_inputs import TrendInputs

NEWTON_STEPS: Final = 25
LARGEST: Final = 4_000_000
"""Candidates in memory; of more tickets, every so manieth is used."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Scores of items that could have been shown, and whether they were taken."""

    score: Doubles
    taken: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Predicted and observed share of taken items, in bins of equal numbers of items."""

    predicted: tuple[float, ...]
    observed: tuple[float, ...]

    @property
    def error(self) -> float:
        """Mean absolute difference of the two."""
        gaps = np.abs(np.subtract(self.predicted, self.observed))
        return float(gaps.mean()) if len(gaps) else 0.0


def shown_items(model: Additive, tickets: Tickets, trend: TrendInputs | None) -> Shown:
    """Return the candidates of every request of both protocols."""
    score, taken = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for scores in _requests(model, tickets, trend):
        finite = np.isfinite(scores.score)
        if scores.score.shape[1] > K_MAX:
            least = -np.partition(-scores.score, K_MAX - 1, axis=1)[:, K_MAX - 1, None]
            finite &= scores.score >= least
        score.append(scores.score[finite])
        taken.append(scores.wanted[finite])
    return Shown(np.concatenate(score), np.concatenate(taken))


def calibrate(shown: Shown) -> tuple[float, float] | None:
    """Return a and b, or None where they cannot be told: nothing or everything taken, or a <= 0."""
    if len(np.unique(shown.taken)) < 2 or len(np.unique(shown.score)) < 2:
        return None
    features = np.stack([shown.score, np.ones_like(shown.score)], axis=1)
    theta = np.array([0.5, float(np.log(shown.taken.mean()))])
    for _ in range(NEWTON_STEPS):
        p = take_probability(shown.score, (float(theta[0]), float(theta[1])))
        slope = features.T @ (shown.taken - p)
        curve = (features * (p * (1 - p))[:, None]).T @ features
        theta = theta + np.linalg.solve(curve + 1e-9 * np.eye(2), slope)
    a, b = float(theta[0]), float(theta[1])
    return (a, b) if np.isfinite(a) and np.isfinite(b) and a > 0 else None


def take_probability(score: Doubles, calibration: tuple[float, float]) -> Doubles:
    """Return sigmoid(a · score + b)."""
    a, b = calibration
    return np.asarray(1.0 / (1.0 + np.exp(-(a * score + b))))


def reliability(shown: Shown, calibration: tuple[float, float], bins: int = 10) -> Reliability:
    """Compare predicted with observed shares."""
    p = take_probability(shown.score, calibration)
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    parts = [part for part in parts if len(part)]
    return Reliability(
        tuple(float(p[part].mean()) for part in parts),
        tuple(float(shown.taken[part].mean()) for part in parts),
    )


def _requests(model: Additive, tickets: Tickets, trend: TrendInputs | None) -> Iterator[Scores]:
    candidates = len(tickets.item) * min(len(model.items), K_MAX)
    keep = np.arange(len(tickets)) % max(1, -(-candidates // LARGEST)) == 0
    some = tickets.only(keep)
    inputs = None if trend is None else TrendInputs(trend.orders, trend.row[keep])
    yield from board_scores(model, some, inputs)
    yield from completion_scores(model, some, inputs)
