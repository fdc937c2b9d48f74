"""The policy once more, over the finished row: what no earlier stage may quietly undo.

What breaks it goes, and the row is filled again from the rest; a row that cannot be made clean
stays empty. What was filled again is what is recorded, so a replay needs no policy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from edge.decide.arrange import Arrangement
from edge.decide.bundle import Bundle
from edge.decide.candidates import Candidates
from edge.decide.judges import Judges
from edge.decide.values import Shown
from edge.policy.row import row_rule
from edge.policy.scene import Considered

Fill = Callable[[Arrangement], tuple[Shown, ...]]

MOST_TIMES = 8
"""A row is filled again so often; each time at least one product is gone for good."""


def settled(
    given: Arrangement, fill: Fill, judged: Mapping[str, Considered], judges: Judges
) -> tuple[Arrangement, tuple[Shown, ...]]:
    """Return an arrangement whose row no policy objects to, and that row."""
    for _ in range(MOST_TIMES):
        row = fill(given)
        broken = row_rule(_considered(row, judged, judges.bundle), judges.scene, judges.rules)
        if not broken:
            return given, row
        given = _without(given, frozenset(row[place].sku for place in broken))
    none = Candidates.none(given.candidates.part_names)
    return replace(given, candidates=none, fallback=(), picks=()), ()


def _considered(
    row: Sequence[Shown], judged: Mapping[str, Considered], bundle: Bundle
) -> list[Considered]:
    products = bundle.site.products
    return [
        judged.get(one.sku) or Considered(products[bundle.place_of[one.sku]], None) for one in row
    ]


def _without(given: Arrangement, skus: frozenset[str]) -> Arrangement:
    places = given.candidates.places.tolist()
    left = [rank for rank, place in enumerate(places) if given.products[place].sku not in skus]
    return replace(
        given,
        candidates=given.candidates.only(np.array(left, dtype=np.int64)),
        fallback=tuple(sku for sku in given.fallback if sku not in skus),
        picks=tuple(one for one in given.picks if one.sku not in skus),
    )
