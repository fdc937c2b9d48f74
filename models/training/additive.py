"""The additive model as numbers, and what it computes, in numpy.

    score(item) = moment(item | hour, weekday) + trend(item | orders here, last half hour)
                + history(item | own decayed purchases) + basket(item | items in the basket)

This is the reference that an exported graph must equal; it favours plainness over speed and
computes in float64, so that a difference tells of the graph and not of both.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.recommend.ranker import MASKED, RankRequest

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

BASKET_SIZES: Final = 65
"""Basket sizes with a scale of their own: 0 to 64; larger ones use the last."""


@dataclass(frozen=True, slots=True)
class Affinity:
    """How much more often than by chance items are bought together, as log-lift.

    ``neighbour[i]`` are the items whose score an item i in the basket changes, by ``lift[i]``.
    A small catalog keeps every pair: then ``neighbour`` is None and ``lift`` is ``(N, N)``.
    """

    lift: Floats  # (N, N) or (N, K)
    neighbour: NDArray[np.int32] | None  # (N, K)
    scale: Floats  # (BASKET_SIZES,) by number of items in the basket

    def part(self, basket: NDArray[np.int32]) -> Doubles:
        """Return the basket part of every item."""
        size = len(self.lift)
        total = np.zeros(size, dtype=np.float64)
        if self.neighbour is None:
            total += self.lift[basket].astype(np.float64).sum(axis=0)
        else:
            np.add.at(total, self.neighbour[basket].ravel(), self.lift[basket].ravel())
        return total * float(self.scale[min(len(basket), BASKET_SIZES - 1)])


@dataclass(frozen=True, slots=True)
class Trend:
    """How much the last half hour's orders say."""

    weight: float
    prior_orders: float  # orders' worth of the usual share that the counts must outweigh
    fitted: bool

    def part(self, orders: Floats, share: Doubles) -> Doubles:
        """Return the trend part; never below 0, because small counts are withheld (not seen)."""
        usual = self.prior_orders * share
        more = np.log(orders / usual + 1.0) - np.log(orders.sum() / self.prior_orders + 1.0)
        return np.asarray(self.weight * np.maximum(more, 0.0))


@dataclass(frozen=True, slots=True)
class History:
    """How much a visitor's own purchases say, when they fade, and when they saturate."""

    weight: float
    half_life_days: float
    saturation: float  # faded purchases that count for log 2

    def part(self, bought: NDArray[np.int32], age_days: Floats, size: int) -> Doubles:
        """Return the history part: 0 for what was never bought."""
        faded = np.zeros(size, dtype=np.float64)
        np.add.at(faded, bought, np.exp2(-age_days.astype(np.float64) / self.half_life_days))
        return np.asarray(self.weight * np.log1p(faded / self.saturation))


@dataclass(frozen=True, slots=True)
class Additive:
    """A trained model. Items are in the order of falling sales, which makes its TopK cheap."""

    items: tuple[str, ...]
    log_share: Floats  # (N,) base rate
    context: Floats  # (C, N) log-odds per context feature
    trend: Trend
    history: History
    affinity: Affinity

    def moment(self, contexts: Floats) -> Doubles:
        """Return log(p(item | moment) · N) for ``(n, C)`` encoded moments: ``(n, N)``."""
        logit = contexts.astype(np.float64) @ self.context + self.log_share
        top = logit.max(axis=1, keepdims=True)
        log_total = top + np.log(np.exp(logit - top).sum(axis=1, keepdims=True))
        return np.asarray(logit - log_total + np.log(len(self.items)))

    def base(self, context: Floats, orders: Floats) -> Doubles:
        """Return moment and trend of every item: ``(N, 2)``."""
        moment = self.moment(context[None, :])[0]
        share = np.exp(moment) / len(self.items)
        return np.stack([moment, self.trend.part(orders.astype(np.float64), share)], axis=1)

    def parts(self, context: Floats, orders: Floats, request: RankRequest) -> Doubles:
        """Return all parts of every item: ``(N, 4)``; the request's own base is not used."""
        size = len(self.items)
        history = self.history.part(request.history, request.history_age, size)
        basket = self.affinity.part(request.basket)
        return np.column_stack([self.base(context, orders), history, basket])

    def scores(self, context: Floats, orders: Floats, request: RankRequest) -> Doubles:
        """Return every item's score, masked where it must not be shown."""
        score = self.parts(context, orders, request).sum(axis=1)
        score[~request.available] = MASKED
        score[request.exclude] = MASKED
        return np.asarray(score)
