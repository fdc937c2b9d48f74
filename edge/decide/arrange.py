"""From scored candidates to a slate: spread, explore, explain.

Pure and self-contained: a record keeps exactly these arguments, and a replay that passes them
again gets the same slate, byte for byte.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.core.chance import draws
from edge.decide.candidates import Candidates
from edge.decide.reasons import reason_for
from edge.decide.values import Reason, Shown
from edge.experiment.squarecb import MAX_ACTIONS, draw


@dataclass(frozen=True, slots=True)
class Exploration:
    """How chance is used; ``gamma`` and ``floor`` as in ``edge.experiment.squarecb``."""

    gamma: float = 400.0
    floor: float = 0.05


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Everything a slate is arranged from."""

    decision_id: str
    placement: Placement
    products: Sequence[Product]  # site.products: candidates name places in it
    candidates: Candidates
    offers: Mapping[str, Offer]  # sku -> the offer that proposes it
    fallback: tuple[str, ...]  # skus
    calibration: tuple[float, float] | None
    exploration: Exploration
    may_explore: bool
    """False while the shopper filters allergens: no wild cards then, and no trace of them."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A candidate with what arranging needs."""

    rank: int
    product: Product
    score: float
    parts: Mapping[str, float]
    offer: Offer | None
    reason: Reason | None


def arrange(given: Arrangement) -> tuple[Shown, ...]:
    """Return the filled slots, 0 first; the fallback offers fill what nothing speaks for.

    A nudge (``needs_basket``) shows only what the basket is the reason for, and nothing is a
    valid answer.
    """
    placement = given.placement
    explores = given.may_explore and placement.explore_slot is not None
    greedy = placement.slots - (1 if explores else 0)
    chosen = _spread(_options(given), greedy, placement)
    shown = [_shown(slot, option) for slot, option in enumerate(chosen)]
    if explores and len(shown) == greedy:
        shown = _with_wild_card(given, chosen, shown)
    if not placement.needs_basket:
        shown += _fallback(given, shown)
    return tuple(shown)


def _options(given: Arrangement) -> Iterable[_Option]:
    """Yield the candidates lazily, best first: a row of three looks at a handful."""
    found = given.candidates
    names = found.part_names
    places, scores = found.places.tolist(), found.score.tolist()
    for rank, place in enumerate(places):
        product = given.products[place]
        parts = dict(zip(names, found.parts[rank].tolist(), strict=True))
        offer = given.offers.get(product.sku)
        reason = reason_for(parts, offer)
        yield _Option(rank, product, scores[rank], parts, offer, reason)


def _spread(options: Iterable[_Option], slots: int, placement: Placement) -> list[_Option]:
    """Take the best with a reason, at most ``placement.spread`` of one category.

    When the categories run out, the best of those passed over fill the row: a full row of one
    kind beats a short one.
    """
    chosen: list[_Option] = []
    passed_over: list[_Option] = []
    per_category: Counter[str] = Counter()
    for option in options:
        if len(chosen) >= slots:
            break
        if option.reason is None:
            continue
        if placement.needs_basket and option.reason is not Reason.GOES_WITH_BASKET:
            continue
        if placement.spread and per_category[option.product.category] >= placement.spread:
            passed_over.append(option)
            continue
        per_category[option.product.category] += 1
        chosen.append(option)
    return chosen + passed_over[: slots - len(chosen)]


def _with_wild_card(
    given: Arrangement, chosen: Sequence[_Option], shown: list[Shown]
) -> list[Shown]:
    """Put a drawn candidate into the explore slot, from a category not in the row if any."""
    taken = {option.rank for option in chosen}
    rest = [option for option in _options(given) if option.rank not in taken]
    categories = {option.product.category for option in chosen}
    others = [option for option in rest if option.product.category not in categories]
    pool = (others or rest)[:MAX_ACTIONS]
    if not pool:
        return shown
    rewards = [_reward(option, given.calibration) for option in pool]
    (number,) = draws(given.decision_id, 1)
    rule = given.exploration
    drawn = draw(rewards, gamma=rule.gamma, floor=rule.floor, at=number)
    wild = _shown(0, pool[drawn.index], wild=drawn.propensity)
    slot = min(given.placement.explore_slot or 0, len(shown))
    row = [*shown[:slot], wild, *shown[slot:]]
    return [replace(one, slot=place) for place, one in enumerate(row)]


def _reward(option: _Option, calibration: tuple[float, float] | None) -> float:
    """Return the predicted p(take): calibrated, else a prior that falls with the rank."""
    if calibration is None:
        return 1 / (2 + option.rank)
    a, b = calibration
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, a * option.score + b))))


def _shown(slot: int, option: _Option, *, wild: float | None = None) -> Shown:
    reason = Reason.SOMETHING_DIFFERENT if wild is not None else option.reason
    assert reason is not None
    return Shown(
        slot=slot,
        offer_id=option.offer.offer if option.offer else f"product:{option.product.sku}",
        sku=option.product.sku,
        score=option.score,
        parts=option.parts,
        reason=reason,
        propensity=1.0 if wild is None else wild,
        is_explored=wild is not None,
        is_sponsored=option.offer is not None and option.offer.sponsored,
    )


def _fallback(given: Arrangement, shown: Sequence[Shown]) -> list[Shown]:
    """Return the placement's own offers for the slots left: nothing was computed, and it says so."""
    taken = {one.sku for one in shown}
    rest = [sku for sku in given.fallback if sku not in taken]
    return [
        Shown(
            slot=len(shown) + number,
            offer_id=f"product:{sku}",
            sku=sku,
            score=0.0,
            parts={},
            reason=Reason.HOUSE_FAVOURITE,
            propensity=1.0,
        )
        for number, sku in enumerate(rest[: given.placement.slots - len(shown)])
    ]
