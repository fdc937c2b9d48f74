"""Rank by how often items were bought: the fallback that needs no model.

Used when the model is missing or broken; health then says ``degraded: ranker``. It knows
neither the hour nor the basket, so its one part is called what it is.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.recommend.ranker import K_MAX, MASKED, Ranking, RankRequest

PARTS: Final = ("popularity",)


class PopularityRanker:
    """A ``Ranker`` from counts. Safe to call from several threads."""

    name: Final = "popularity"
    part_names: Final = PARTS

    def __init__(self, score: NDArray[np.float32], digest: str) -> None:
        self._score = score
        self.digest = digest

    @classmethod
    def from_counts(cls, items: Sequence[str], counts: Mapping[str, int]) -> Self:
        """Return a ranker for ``items`` (ids in index order); an item without a count has 0.

        The score is log(share · N) with one sale added to every item, so that it is 0 for an
        average item and finite for one that never sold.
        """
        sold = np.array([max(counts.get(item, 0), 0) + 1 for item in items], dtype=np.float64)
        score = np.log(sold / sold.sum() * len(items)).astype(np.float32)
        stated = "\n".join(f"{item}\t{int(n)}" for item, n in zip(items, sold, strict=True))
        return cls(score, f"popularity:{hashlib.sha256(stated.encode()).hexdigest()}")

    def rank(self, request: RankRequest) -> Ranking:
        """Return the best-selling items that may be shown; ties go to the smaller id."""
        score = np.where(request.available, self._score, MASKED)
        score[request.exclude] = MASKED
        order = np.argsort(-score, kind="stable")[:K_MAX]
        order = order[score[order] > MASKED]
        return Ranking(order.astype(np.int64), score[order], score[order, None], PARTS)
