"""What "something different" may be drawn from, and how likely each would be taken."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from edge.catalog.product import Product
from edge.experiment.squarecb import MAX_ACTIONS

Pool = Sequence[tuple[int, int]]
"""Rank among the candidates and place in the catalog of what may be drawn, best first."""


def pool_of(
    places: Sequence[int],
    products: Sequence[Product],
    *,
    taken: AbstractSet[int],
    categories: AbstractSet[str],
    barred: AbstractSet[str] = frozenset(),
) -> Pool:
    """Return what may be drawn: of a category that is not in the row, if there is any.

    Args:
        places: The candidates, best first, by their place among ``products``.
        products: The catalog.
        taken: Ranks of what is in the row.
        categories: Categories of what is in the row.
        barred: Skus that chance must not bring up.
    """
    others: list[tuple[int, int]] = []
    rest: list[tuple[int, int]] = []
    for rank, place in enumerate(places):
        if rank in taken or products[place].sku in barred:
            continue
        if products[place].category in categories:
            rest.append((rank, place))
            continue
        others.append((rank, place))
        if len(others) == MAX_ACTIONS:
            break
    return others or rest[:MAX_ACTIONS]


def learned_rewards_of(
    rewards: Sequence[float], pool: Pool, adjusted: Mapping[int, float]
) -> list[float]:
    """Return ``rewards`` with what was learned here, by place in the catalog; each in [0, 1]."""
    found = zip(rewards, pool, strict=True)
    return [min(1.0, max(0.0, one + adjusted.get(place, 0.0))) for one, (_, place) in found]


def rewards_of(
    pool: Pool, scores: NDArray[np.float32], calibration: tuple[float, float] | None
) -> list[float]:
    """Return the predicted p(take) of each: calibrated, else a prior that falls with the rank."""
    if calibration is None:
        return [1 / (2 + rank) for rank, _ in pool]
    half_a, half_b = calibration[0] / 2, calibration[1] / 2
    score = scores.tolist()
    tanh = math.tanh  # sigmoid(x) = (1 + tanh(x / 2)) / 2, which never overflows
    return [0.5 + 0.5 * tanh(half_a * score[rank] + half_b) for rank, _ in pool]
