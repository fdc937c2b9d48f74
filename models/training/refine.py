"""Move the basket's lifts from what was bought together to what completes a basket.

Counted lifts judge every pair by itself, but the items of a basket repeat each other. So the
lifts of a small catalog are moved, by a conditional logit over the training baskets, towards
what makes held-out items likely, and held back by a penalty. Two rules keep the part true as a
reason: the moment's share of the explanation is fixed first, and a pair never changes its sign:
what is shown as "goes with" was bought together more often than by chance.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships none
from scipy.sparse import csr_array  # type: ignore[import-untyped]  # scipy ships none

from models.training.additive import BASKET_SIZES, Additive, Affinity, Doubles
from models.training.counts import Counts
from models.training.evaluate import completion_scores
from models.training.fit import Settings, fit
from models.training.prepare import Ints, Tickets

STEPS: Final = 20
LARGEST: Final = 4_000_000
"""Held-out items times catalog size; of more baskets, every so manieth is used."""


@dataclass(frozen=True, slots=True)
class _Baskets:
    """Held-out items with the baskets they were held out of, as matrices."""

    scaled: csr_array  # (n, N) the scale of the basket's size where an item is in the basket
    start: Doubles  # (n, N) scores before moving; -inf within the basket
    target: Ints  # (n,)


def fit_refined(counts: Counts, tickets: Tickets, settings: Settings) -> Additive:
    """Return the model of ``counts``, its lifts refined on the same ``tickets``."""
    model = fit(counts, settings)
    if np.isinf(settings.refine_penalty) or model.affinity.neighbour is not None:
        return model
    # Old baskets are explained by the shares of the whole time, not by today's.
    whole = fit(counts, replace(settings, half_life_days=np.inf))
    return replace(model, affinity=refine(whole, tickets, settings.refine_penalty))


def refine(model: Additive, tickets: Tickets, penalty: float) -> Affinity:
    """Return the affinity of ``model``, moved to complete the baskets of ``tickets``.

    Args:
        model: A model that keeps every pair.
        tickets: What to learn from.
        penalty: Of the squared distance from the counted lifts; higher moves less.
    """
    start = model.affinity.lift.astype(np.float64)
    baskets = _baskets(model, _sample(tickets))
    if not len(baskets.target):
        return model.affinity
    found = minimize(
        _loss,
        np.zeros(start.size),
        args=(baskets, penalty),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS},
    )
    lift = start + found.x.reshape(start.shape)
    lift = np.where(start > 0, np.maximum(lift, 0.0), np.minimum(lift, 0.0))
    np.fill_diagonal(lift, 0.0)
    return replace(model.affinity, lift=lift.astype(np.float32))


def _sample(tickets: Tickets) -> Tickets:
    several = tickets.only(tickets.size > 1)
    every = max(1, -(-len(several.item) * len(tickets.names) // LARGEST))
    return several.only(np.arange(len(several)) % every == 0)


def _baskets(model: Additive, tickets: Tickets) -> _Baskets:
    n = len(model.items)
    start, target = [np.zeros((0, n))], [np.zeros(0, dtype=np.int64)]
    scales = [np.zeros(0)]
    for scores in completion_scores(model, tickets, None):
        sizes = np.minimum(scores.basket_size, BASKET_SIZES - 1)
        scales.append(model.affinity.scale[sizes].astype(np.float64))
        start.append(scores.score)
        target.append(scores.target)
    score = np.concatenate(start)
    row, item = np.nonzero(np.isneginf(score))
    scaled = csr_array((np.concatenate(scales)[row], (row, item)), shape=score.shape)
    return _Baskets(scaled, score, np.concatenate(target))


def _loss(move: Doubles, baskets: _Baskets, penalty: float) -> tuple[float, Doubles]:
    """Return the penalised negative log-likelihood and its slope."""
    n = baskets.start.shape[1]
    score = baskets.scaled @ move.reshape(n, n)  # two items a basket: sparse pays
    score += baskets.start
    score -= score.max(axis=1, keepdims=True)
    share = np.exp(score)
    total = share.sum(axis=1)
    at = np.arange(len(baskets.target))
    likelihood = float((score[at, baskets.target] - np.log(total)).sum())
    share /= total[:, None]
    share[at, baskets.target] -= 1.0
    slope = (baskets.scaled.T @ share).ravel() + penalty * move
    return 0.5 * penalty * float(move @ move) - likelihood, slope
