"""How well a row tells a basket: Recall, nDCG and PHR, and whether a difference is chance.

Source: recommender.md, "Protocols": nDCG's ideal is over the whole true basket.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np

RESAMPLES: Final = 10_000
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Measures:
    """For one basket, or the mean over many."""

    recall_10: float
    recall_20: float
    ndcg_10: float
    phr_10: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference and the interval that 95 of 100 resamples of the users lie in."""

    mean: float
    low: float
    high: float


def measured(shown: Sequence[str], wanted: AbstractSet[str], size: int) -> Measures:
    """Return the measures of one row.

    Args:
        shown: What was shown, best first.
        wanted: The basket's items that could be shown.
        size: The basket's items, with those that could not.
    """
    hits = np.array([sku in wanted for sku in shown[:20]], dtype=np.float64)
    discount = 1.0 / np.log2(np.arange(2, 12))
    gained = float((hits[:10] * discount[: len(hits[:10])]).sum())
    return Measures(
        recall_10=float(hits[:10].sum()) / size,
        recall_20=float(hits.sum()) / size,
        ndcg_10=gained / float(discount[:size].sum()),
        phr_10=float(hits[:10].any()),
    )


def mean(found: Sequence[Measures]) -> Measures:
    """Return the mean of each measure."""
    columns = zip(*(astuple(one) for one in found), strict=True)
    return Measures(*(sum(column) / len(found) for column in columns))


def difference(before: Sequence[Measures], after: Sequence[Measures], name: str) -> Difference:
    """Return how much more ``after`` has than ``before``, the same users drawn for both."""
    each = np.array(
        [getattr(a, name) - getattr(b, name) for b, a in zip(before, after, strict=True)]
    )
    drawn = np.random.default_rng(_SEED).integers(0, len(each), (RESAMPLES, len(each)))
    low, high = np.quantile(each[drawn].mean(axis=1), (0.025, 0.975))
    return Difference(float(each.mean()), float(low), float(high))
