"""How much two categories belong together, in the shop's own baskets.

Normalised pointwise mutual information: 1 always together, 0 as chance has it, -1 never. It is
made from counts over many baskets, so that nobody's single one is in it; where there are too few
of either category it is unknown, and unknown is no link.

Source: decisioning.md 2; Bouma 2009.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from edge.policy.scene import Linkage

LEAST_BASKETS: Final = 20
"""With fewer baskets of a category, chance says more than the shop does."""


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """In how many baskets each category was, and each two of them."""

    baskets: int = 0
    of: Mapping[str, int] = field(default_factory=dict)
    of_both: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By two names in their order."""


def counted(baskets: Iterable[Iterable[str]]) -> CategoryCounts:
    """Return the counts of ``baskets``, each given by the categories in it."""
    number, of, of_both = 0, Counter[str](), Counter[tuple[str, str]]()
    for basket in baskets:
        inside = sorted(set(basket))
        if inside:
            number += 1
            of.update(inside)
            of_both.update(combinations(inside, 2))
    return CategoryCounts(number, of, of_both)


def linkage_of(counts: CategoryCounts, *, least: int = LEAST_BASKETS) -> Linkage:
    """Return the linkage that ``counts`` show; None where fewer than ``least`` baskets speak."""

    def linkage(one: str, other: str) -> float | None:
        if min(counts.of.get(one, 0), counts.of.get(other, 0)) < least:
            return None
        return 1.0 if one == other else npmi(counts, one, other)

    return linkage


def npmi(counts: CategoryCounts, one: str, other: str) -> float:
    """Return the normalised pointwise mutual information of two categories that occur."""
    together = counts.of_both.get((min(one, other), max(one, other)), 0)
    if together == 0:
        return -1.0
    if together == counts.baskets:
        return 1.0  # in every basket both: the limit, where the quotient is 0 by 0
    p_both = together / counts.baskets
    by_chance = counts.of[one] * counts.of[other] / counts.baskets**2
    return math.log(p_both / by_chance) / -math.log(p_both)
