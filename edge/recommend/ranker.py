"""The port every ranker implements, and the values that pass through it.

Items are positions in the model's item list, 0 first. Alternatives in production: the ONNX
model (``onnx_ranker``) and popularity (``popularity``), which needs no model at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

K_MAX: Final = 256
"""A ranking is at most this long (``k_max`` in the contract)."""

MASKED: Final = np.float32(-1e30)
"""The score of an item that must not be shown; finite, so that sums stay ordinary numbers."""


@dataclass(frozen=True, slots=True)
class RankRequest:
    """What is known when something is to be ranked. H, B and E may be 0."""

    history: NDArray[np.int32]  # (H,) items bought, with consent
    history_age: NDArray[np.float32]  # (H,) days since
    basket: NDArray[np.int32]  # (B,) each item once
    exclude: NDArray[np.int32]  # (E,) allergen, age limit, already in the basket
    available: NDArray[np.bool_]  # (N,)
    base: NDArray[np.float32]  # (N, 2) moment and trend


@dataclass(frozen=True, slots=True)
class Ranking:
    """Items, best first, without those that must not be shown; m is at most 256."""

    items: NDArray[np.int64]  # (m,)
    score: NDArray[np.float32]  # (m,) falling; no unit
    parts: NDArray[np.float32]  # (m, P) sum to the score
    part_names: tuple[str, ...]


class Ranker(Protocol):
    """Orders the items of one catalog. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The kind of ranker, for people: ``onnx`` or ``popularity``."""
        ...

    @property
    def digest(self) -> str:
        """What identifies this very ranker in a recorded decision."""
        ...

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the columns of ``Ranking.parts``."""
        ...

    def rank(self, request: RankRequest) -> Ranking:
        """Return the best items that may be shown."""
        ...


def known_items(items: Iterable[int], size: int) -> tuple[NDArray[np.int32], int]:
    """Keep the ids in [0, ``size``), each once and in order; count the others.

    A graph reads -1 silently as the last item and fails on ids that are too high, so no id from
    outside reaches it unchecked.

    Returns:
        The ids a model of ``size`` items knows, and how many were dropped as unknown.
    """
    wanted = list(items)
    kept = [item for item in wanted if 0 <= item < size]
    return np.array(list(dict.fromkeys(kept)), dtype=np.int32), len(wanted) - len(kept)


def cut_to_catalog(request: RankRequest) -> tuple[RankRequest, int]:
    """Return ``request`` without ids its catalog does not have, and how many were dropped.

    Purchases repeat in a history and are kept as often as they come; ages below 0 (from a
    clock that was wrong) become 0.
    """
    size = len(request.available)
    known = (request.history >= 0) & (request.history < size)
    basket, unknown_basket = known_items(request.basket.tolist(), size)
    exclude, unknown_exclude = known_items(request.exclude.tolist(), size)
    cut = replace(
        request,
        history=request.history[known].astype(np.int32),
        history_age=np.maximum(request.history_age[known], 0).astype(np.float32),
        basket=basket,
        exclude=exclude,
    )
    return cut, int((~known).sum()) + unknown_basket + unknown_exclude
