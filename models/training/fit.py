"""Make the additive model from counts and a few settings.

    moment   log share, faded so that the menu of today counts most, plus shrunk log-odds of hour
             (neighbouring hours speak too) and weekday
    trend    how far the last half hour is above the usual, where enough was sold to tell
    history  own purchases, faded and saturating: by rule, no data set here knows customers
    basket   log-lift of pairs, shrunk to none where little was seen, over a power of the
             basket's size, because lifts of one basket repeat each other (``refine`` moves them)

Season is encoded and has no weight: no data set here spans a year.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.recommend.features import WIDTH
from models.training.additive import (
    BASKET_SIZES,
    Additive,
    Affinity,
    Doubles,
    Floats,
    History,
    Trend,
)
from models.training.counts import Counts, faded

ALL_PAIRS_UP_TO: Final = 512
"""Catalogs up to this size keep every pair (1 MB); larger ones their nearest neighbours."""

NEIGHBOURS: Final = 64

RARE: Final = 0.1
"""Sales added to every item, so that one that never sold has a finite score."""

HISTORY: Final = History(weight=0.8, half_life_days=30.0, saturation=0.5)
"""Not fitted. One purchase today adds log(3) · 0.8 = 0.9; a tenth adds a tenth of that."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What tuning chooses. Priors count in sales (hour, weekday) or tickets (lift)."""

    half_life_days: float = 60.0
    hour_prior: float = 20.0
    weekday_prior: float = 50.0
    lift_prior: float = 3.0
    size_power: float = 0.5
    basket_weight: float = 1.0
    refine_penalty: float = np.inf
    trend_weight: float = 0.3
    trend_prior: float = 20.0
    trend_fitted: bool = False


def fit(counts: Counts, settings: Settings) -> Additive:
    """Return the model that ``counts`` and ``settings`` make."""
    return Additive(
        items=counts.names,
        log_share=_log_share(counts, settings),
        context=_context(counts, settings),
        trend=Trend(settings.trend_weight, settings.trend_prior, settings.trend_fitted),
        history=HISTORY,
        affinity=_affinity(counts, settings),
    )


def popular(counts: Counts) -> Additive:
    """Return the baseline that knows only what sold."""
    return fit(counts, _plain(np.inf, lift_prior=1.0, basket_weight=0.0))


def naive_bayes(counts: Counts) -> Additive:
    """Return the baseline of summed log-lifts over popularity by hour, untuned."""
    return fit(counts, _plain(20.0, lift_prior=10.0, basket_weight=1.0))


def _plain(hour_prior: float, lift_prior: float, basket_weight: float) -> Settings:
    return Settings(
        half_life_days=np.inf,
        hour_prior=hour_prior,
        weekday_prior=np.inf,
        lift_prior=lift_prior,
        size_power=0.0,
        basket_weight=basket_weight,
        trend_weight=0.0,
    )


def _log_share(counts: Counts, settings: Settings) -> Floats:
    sold = faded(counts, settings.half_life_days) + RARE
    return np.asarray(np.log(sold / sold.sum()), dtype=np.float32)


def _context(counts: Counts, settings: Settings) -> Floats:
    share = (counts.sold + RARE) / (counts.sold + RARE).sum()
    around = 0.5 * (np.roll(counts.by_hour, 1, axis=0) + np.roll(counts.by_hour, -1, axis=0))
    weights = np.zeros((WIDTH, len(share)), dtype=np.float64)
    weights[:24] = _log_odds(counts.by_hour + around, share, settings.hour_prior)
    weights[24:31] = _log_odds(counts.by_weekday, share, settings.weekday_prior)
    return weights.astype(np.float32)


def _log_odds(sold: Doubles, share: Doubles, prior: float) -> Doubles:
    """Return the log of each group's share over the overall one, shrunk by ``prior`` sales."""
    if np.isinf(prior):
        return np.zeros_like(sold)
    total = sold.sum(axis=1, keepdims=True)
    return np.asarray(np.log((sold + prior * share) / (total + prior)) - np.log(share))


def _affinity(counts: Counts, settings: Settings) -> Affinity:
    n = len(counts.names)
    sizes = np.maximum(np.arange(BASKET_SIZES), 1).astype(np.float64)
    scale = (settings.basket_weight * sizes**-settings.size_power).astype(np.float32)
    if n <= ALL_PAIRS_UP_TO:
        together = np.zeros(n * n)
        together[counts.pair] = counts.together
        by_chance = np.outer(counts.sold, counts.sold) / max(counts.tickets, 1)
        lift = _lift(together.reshape(n, n), by_chance, settings.lift_prior)
        np.fill_diagonal(lift, 0.0)
        return Affinity(lift.astype(np.float32), None, scale)
    of, other = np.divmod(counts.pair, n)
    by_chance = counts.sold[of] * counts.sold[other] / max(counts.tickets, 1)
    lift = _lift(counts.together, by_chance, settings.lift_prior)
    return _nearest(of, other, lift, n, scale)


def _lift(together: Doubles, by_chance: Doubles, prior: float) -> Doubles:
    return np.asarray(np.log((together + prior) / (by_chance + prior)))


def _nearest(
    of: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    other: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    lift: Doubles,
    n: int,
    scale: Floats,
) -> Affinity:
    """Keep each item's strongest pairs; what is missing points at the item itself with 0."""
    order = np.lexsort((other, -np.abs(lift), of))
    of, other, lift = of[order], other[order], lift[order]
    place = np.arange(len(of)) - np.searchsorted(of, of)
    near = place < NEIGHBOURS
    neighbour = np.repeat(np.arange(n, dtype=np.int32)[:, None], NEIGHBOURS, axis=1)
    kept = np.zeros((n, NEIGHBOURS), dtype=np.float32)
    neighbour[of[near], place[near]] = other[near]
    kept[of[near], place[near]] = lift[near]
    return Affinity(kept, neighbour, scale)
