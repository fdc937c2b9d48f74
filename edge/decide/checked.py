"""Ask the ranker, and take nothing from it on trust: many a damaged graph loads and answers."""

import math

import numpy as np

from edge.core.errors import ModelContractError
from edge.decide.candidates import MAX_CANDIDATES
from edge.recommend.ranker import Ranker, Ranking, RankRequest


def ranked(ranker: Ranker, request: RankRequest) -> Ranking:
    """Return the ranker's best, at most as many as there may be candidates.

    Raises:
        ModelContractError: A score is not a number, or an item is not one that was to be ranked.
    """
    ranking = ranker.rank(request)
    # The graph masks what is unavailable; excluded items are cut here by the same score.
    cut = Ranking(
        ranking.items[:MAX_CANDIDATES],
        ranking.score[:MAX_CANDIDATES],
        ranking.parts[:MAX_CANDIDATES],
        ranking.part_names,
    )
    _check(cut, request)
    return cut


def _check(found: Ranking, request: RankRequest) -> None:
    # A sum is a number only if every summand is; one pass instead of an array of answers.
    if not (math.isfinite(found.score.sum()) and math.isfinite(found.parts.sum())):
        msg = f"wanted finite scores, got {found.score[~np.isfinite(found.score)][:3].tolist()}"
        raise ModelContractError(msg)
    ranked = found.items.tolist()
    distinct = set(ranked)
    is_known = not ranked or (min(ranked) >= 0 and max(ranked) < len(request.available))
    if (
        not is_known
        or len(distinct) < len(ranked)
        or not distinct.isdisjoint(request.exclude.tolist())
        or not request.available[found.items].all()
    ):
        # Which they were is not said: the reason is kept, and a visit asked for these.
        msg = "wanted only items that were to be ranked, each once, got others"
        raise ModelContractError(msg)
