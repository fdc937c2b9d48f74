"""Turn scores into p(take): sigmoid(a · score + b), fitted on validation.

Scores order items; they are no probabilities. Deciding what to show weighs p(take) against
margins, so two numbers are fitted by logistic regression on what validation tickets took, over
the ten best-ranked items of each request: those are the ones that may be shown. Requests with
an empty basket and with a basket count alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.training.additive import Additive, Doubles
from models.training.evaluate import Scores, board_scores, completion_scores
from models.training.prepare import Tickets
from models.training.trend_inputs import TrendInputs

BEST: Final = 10
NEWTON_STEPS: Final = 25


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
    """Return the best-ranked items of every request of both protocols."""
    score, taken = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for scores in _requests(model, tickets, trend):
        best = np.argsort(-scores.score, axis=1, kind="stable")[:, :BEST]
        found = np.take_along_axis(scores.score, best, axis=1)
        finite = np.isfinite(found)
        score.append(found[finite])
        taken.append(np.take_along_axis(scores.wanted, best, axis=1)[finite])
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
    yield from board_scores(model, tickets, trend)
    yield from completion_scores(model, tickets, trend)
