"""Slots that a strategy fills: chosen before the row, and put into it at their places.

What a strategy chose is not ranked once more, and carries its own part and reason. Where it finds
nothing that fits, the ranking fills the slot as any other. No offer is proposed here: nobody can
pay for a strategy's slot.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.catalog.strategy import SlotStrategy, StrategyName
from edge.core.chance import draws
from edge.decide.candidates import Candidates
from edge.decide.strategies.for_everybody import Valued
from edge.decide.values import Reason, Shown

_SAID: Final[Mapping[StrategyName, tuple[str, Reason]]] = MappingProxyType(
    {
        "popular": ("popularity", Reason.POPULAR_HERE),
        "recent": ("popularity", Reason.POPULAR_HERE),
        "trending": ("trend", Reason.POPULAR_NOW),
        "low-price": ("price", Reason.LOW_PRICE),
        "also-bought": ("basket", Reason.GOES_WITH_BASKET),
        "buy-again": ("history", Reason.YOUR_USUAL),
        "staff-pick": ("offer", Reason.STAFF_PICK),
        "new": ("new", Reason.NEW_HERE),
    }
)
"""Strategy -> the part of the score that it is, and the reason."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a strategy put into a slot."""

    slot: int
    by: StrategyName
    sku: str
    value: float
    share: float
    """The probability with which it was drawn: 1 without a shuffle."""


Picks = tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What picking needs to know of a decision."""

    decision_id: str
    placement: Placement
    valued: Callable[[StrategyName], Valued]
    product: Callable[[str], Product | None]
    left_out: AbstractSet[str]
    dearest_minor: int
    """In the basket; 0: it is empty, or no price is known."""
    may_shuffle: bool = True
    """False where a chance would tell how much a shopper's filter left over."""


def picks(wanted: Wanted) -> Picks:
    """Return what the placement's strategies choose, each product once, in order of slots."""
    taken: set[str] = set()
    per_category: Counter[str] = Counter()
    chosen: list[Pick] = []
    for rule in sorted(wanted.placement.strategies, key=lambda one: one.slot):
        fitting = list(_fitting(wanted, rule, taken, per_category))
        if not fitting:
            continue
        (sku, value), category = fitting[_drawn(wanted.decision_id, rule.slot, len(fitting))]
        taken.add(sku)
        per_category[category] += 1
        chosen.append(Pick(rule.slot, rule.by, sku, value, 1 / len(fitting)))
    return tuple(chosen)


def _fitting(
    wanted: Wanted, rule: SlotStrategy, taken: AbstractSet[str], per_category: Counter[str]
) -> Iterator[tuple[tuple[str, float], str]]:
    """Yield the first ``rule.shuffle`` that may be in the slot, each with its category."""
    spread = wanted.placement.spread
    left = rule.shuffle if wanted.may_shuffle else 1
    for sku, value in wanted.valued(rule.by):
        if left == 0:
            return
        product = None if sku in taken or sku in wanted.left_out else wanted.product(sku)
        if product is None or (spread and per_category[product.category] >= spread):
            continue
        if rule.upsell_minor is not None and (
            product.price_minor is None
            or product.price_minor < wanted.dearest_minor + rule.upsell_minor
        ):
            continue
        left -= 1
        yield (sku, value), product.category


def _drawn(decision_id: str, slot: int, count: int) -> int:
    if count == 1:
        return 0
    # The first number is the wild card's; each slot has one of its own.
    return min(int(draws(decision_id, slot + 2)[slot + 1] * count), count - 1)


def around(
    chosen: Picks, placement: Placement, found: Candidates, products: Sequence[Product]
) -> tuple[Placement, Candidates]:
    """Return the row that is left for the ranking, and the candidates for it.

    A category of which the picks hold as many as the placement's spread allows is left out.
    """
    skus = {one.sku for one in chosen}
    of = {product.sku: product.category for product in products if product.sku in skus}
    held = Counter(of.values())
    full = {one for one, n in held.items() if placement.spread and n >= placement.spread}
    kept = [
        rank
        for rank, place in enumerate(found.places.tolist())
        if products[place].sku not in skus and products[place].category not in full
    ]
    explore = placement.explore_slot
    before = sum(one.slot < explore for one in chosen) if explore is not None else 0
    less = placement.model_copy(
        update={
            "slots": placement.slots - len(chosen),
            "explore_slot": None if explore is None else explore - before,
            "strategies": (),
        }
    )
    return less, found.only(np.array(kept, dtype=np.int64))


def interleaved(row: Sequence[Shown], chosen: Picks) -> tuple[Shown, ...]:
    """Put the picks at their slots, and the ranked row around them."""
    rest = list(row)
    by_slot = {one.slot: one for one in chosen}
    merged: list[Shown] = []
    while rest or by_slot:
        pick = by_slot.pop(len(merged), None)
        if pick is None and not rest:  # the ranking came short: the picks move up
            pick = by_slot.pop(min(by_slot))
        merged.append(_shown(pick) if pick else rest.pop(0))
    return tuple(replace(one, slot=slot) for slot, one in enumerate(merged))


def _shown(pick: Pick) -> Shown:
    part, reason = _SAID[pick.by]
    return Shown(
        slot=pick.slot,
        offer_id=f"product:{pick.sku}",
        sku=pick.sku,
        score=pick.value,
        parts={part: pick.value},
        reason=reason,
        propensity=pick.share,
    )
