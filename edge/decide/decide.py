"""Decide what a placement shows: one pure function from facts to a decision.

Stages: eligibility (the shelf and the visit), candidates and scores (the ranker), offers,
then spread, exploration and reasons (``edge.decide.arrange``), and the policy once more over
the finished slate. Time, stock and chance are in the arguments, so the same arguments give the
same slate.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.core.errors import ModelContractError, RequestContractError
from edge.decide.arrange import Arrangement, Exploration, arrange
from edge.decide.candidates import MAX_CANDIDATES, Candidates
from edge.decide.reasons import OFFER_PART
from edge.decide.shelf import PlacementShelf, Shelf, fallback_skus
from edge.decide.values import Asked, Shown, Slate
from edge.policy.eligibility import Rule, visit_rule
from edge.recommend.ranker import RankRequest

_NO_ITEMS = np.zeros(0, dtype=np.int32)
_NO_AGES = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Decision:
    """A slate, and everything needed to explain and replay it."""

    asked: Asked
    shelf: Shelf
    arrangement: Arrangement
    slate: Slate
    suppressed: Mapping[str, tuple[str, ...]]
    """Rule to the ids it left out; never the shopper's allergen filter."""


def decide(
    decision_id: str, asked: Asked, shelf: Shelf, exploration: Exploration | None = None
) -> Decision:
    """Return the decision for what a surface asks, from what is on the shelf.

    Raises:
        RequestContractError: The placement or a product of the basket does not exist.
        ModelContractError: The ranker gave a score that is not a number, or an item that may not
            be shown; the caller then asks again with a simpler ranker.
    """
    placement = _placement(asked, shelf)
    here = shelf.at(placement)
    visit = _visit_rules(asked, shelf)
    offers = _offers(here, visit)
    candidates = _candidates(asked, shelf, here, visit)
    candidates = _with_priorities(candidates, offers, shelf)
    arrangement = Arrangement(
        decision_id=decision_id,
        placement=placement,
        products=shelf.bundle.site.products,
        candidates=candidates,
        offers=offers,
        fallback=tuple(sku for sku in fallback_skus(shelf, placement) if sku not in visit),
        calibration=shelf.bundle.scoring.calibration,
        exploration=exploration or Exploration(),
        may_explore=not asked.avoid,
    )
    shown = _policy_clean(arrange(arrangement), shelf, visit)
    suppressed = _suppressed(here, visit)
    slate = Slate(
        decision_id=decision_id,
        placement_id=placement.id,
        shown=shown,
        ranker=shelf.bundle.ranker.name,
        degraded=shelf.bundle.scoring.degraded,
        suppressed={rule: len(ids) for rule, ids in suppressed.items()},
    )
    return Decision(asked, shelf, arrangement, slate, suppressed)


def _placement(asked: Asked, shelf: Shelf) -> Placement:
    site = shelf.bundle.site
    placement = site.placement(asked.placement_id)
    if placement is None:
        msg = (
            f"wanted a placement of {site.header.site} "
            f"({', '.join(p.id for p in site.placements)}), got {asked.placement_id[:60]!r}"
        )
        raise RequestContractError(msg)
    unknown = [sku for sku in asked.basket if site.product(sku) is None]
    if unknown:
        msg = f"wanted products of {site.header.site} in the basket, got {unknown[0][:60]!r}"
        raise RequestContractError(msg)
    return placement


def _visit_rules(asked: Asked, shelf: Shelf) -> Mapping[str, Rule]:
    """Return sku -> rule for what this visit leaves out."""
    rules = dict.fromkeys(asked.basket, Rule.IN_BASKET)
    if asked.avoid or asked.fewer or asked.answers:
        for product in shelf.bundle.site.products:
            if product.sku in rules:
                continue  # else a gap between the basket and this list would tell an allergen
            rule = visit_rule(product, avoid=asked.avoid, fewer=asked.fewer, answers=asked.answers)
            if rule is not None:
                rules[product.sku] = rule
    return rules


def _offers(here: PlacementShelf, visit: Mapping[str, Rule]) -> Mapping[str, Offer]:
    if not here.offers:
        return here.offers
    return {sku: offer for sku, offer in here.offers.items() if sku not in visit}


def _candidates(
    asked: Asked, shelf: Shelf, here: PlacementShelf, visit: Mapping[str, Rule]
) -> Candidates:
    bundle = shelf.bundle
    request = RankRequest(
        history=_NO_ITEMS,
        history_age=_NO_AGES,
        basket=_items(asked.basket, bundle.item_of),
        exclude=_items(visit, bundle.item_of),
        available=here.available,
        base=shelf.base,
    )
    ranking = bundle.ranker.rank(request)
    # The graph masks what is unavailable; excluded items are cut here by the same score.
    items = ranking.items[:MAX_CANDIDATES]
    score = ranking.score[:MAX_CANDIDATES]
    parts = ranking.parts[:MAX_CANDIDATES]
    _check_ranked(items, score, parts, request)
    places = bundle.position_of[items]
    found = Candidates(places, score, parts, ranking.part_names)
    unscored = [place for place in here.unscored if bundle.site.products[place].sku not in visit]
    return _with_unscored(found, unscored) if unscored else found


def _check_ranked(
    items: NDArray[np.int64],
    score: NDArray[np.float32],
    parts: NDArray[np.float32],
    request: RankRequest,
) -> None:
    """Take nothing from a model on trust: many a damaged graph loads, and answers something.

    Raises:
        ModelContractError: A score is not a number, or an item is not one that was to be ranked.
    """
    # A sum is a number only if every summand is; one pass instead of an array of answers.
    if not (math.isfinite(score.sum()) and math.isfinite(parts.sum())):
        msg = f"wanted finite scores, got {score[~np.isfinite(score)][:3].tolist()}"
        raise ModelContractError(msg)
    ranked = items.tolist()
    distinct = set(ranked)
    is_known = not ranked or (min(ranked) >= 0 and max(ranked) < len(request.available))
    if (
        not is_known
        or len(distinct) < len(ranked)
        or not distinct.isdisjoint(request.exclude.tolist())
        or not request.available[items].all()
    ):
        # Which they were is not said: the reason is kept, and a visit asked for these.
        msg = "wanted only items that were to be ranked, each once, got others"
        raise ModelContractError(msg)


def _items(skus: Iterable[str], item_of: Mapping[str, int]) -> NDArray[np.int32]:
    found = [item_of[sku] for sku in skus if sku in item_of]
    return np.array(found, dtype=np.int32) if found else _NO_ITEMS


def _with_unscored(found: Candidates, unscored: list[int]) -> Candidates:
    """Add what the model does not know, as an average product: score 0, no part."""
    count = min(len(unscored), MAX_CANDIDATES)
    merged = Candidates(
        np.concatenate([found.places, np.array(unscored[:count], dtype=np.int32)]),
        np.concatenate([found.score, np.zeros(count, dtype=np.float32)]),
        np.concatenate([found.parts, np.zeros((count, found.parts.shape[1]), np.float32)]),
        found.part_names,
    )
    return _sorted(merged)


def _with_priorities(found: Candidates, offers: Mapping[str, Offer], shelf: Shelf) -> Candidates:
    """Add the shop's priorities as a part of their own, and sort again.

    An offer's best product carries it: the others stay plain products.
    """
    raised = [sku for sku, offer in offers.items() if offer.priority]
    if not raised:
        return found
    rank_of = {place: rank for rank, place in enumerate(found.places.tolist())}
    place_of = shelf.bundle.place_of
    best: dict[str, int] = {}
    for sku in raised:
        rank = rank_of.get(place_of[sku], len(found))
        offer_id = offers[sku].offer
        best[offer_id] = min(best.get(offer_id, len(found)), rank)
    added = np.zeros(len(found) + 1, dtype=np.float32)
    for sku in raised:
        offer = offers[sku]
        added[best[offer.offer]] = offer.priority
    added = added[: len(found)]
    parts = np.column_stack([found.parts, added])
    return _sorted(
        Candidates(found.places, found.score + added, parts, (*found.part_names, OFFER_PART))
    )


def _sorted(found: Candidates) -> Candidates:
    # Ties go to the place in the catalog, so that two kiosks with one model agree.
    order = np.lexsort((found.places, -found.score))[:MAX_CANDIDATES]
    return found.only(order)


def _policy_clean(
    shown: tuple[Shown, ...], shelf: Shelf, visit: Mapping[str, Rule]
) -> tuple[Shown, ...]:
    """Hold the finished slate against the policy once more, and drop what breaks it.

    Arranging only takes from what passed before, so nothing is dropped today; this is what keeps
    a later stage from quietly undoing an earlier one. It fails closed: an empty slot beats a
    breach.
    """
    return tuple(one for one in shown if one.sku not in shelf.sold_out and one.sku not in visit)


def _suppressed(here: PlacementShelf, visit: Mapping[str, Rule]) -> Mapping[str, tuple[str, ...]]:
    own: dict[str, list[str]] = {}
    for sku, rule in visit.items():
        if rule is not Rule.ALLERGEN:
            own.setdefault(rule.value, []).append(sku)
    if not own:
        return here.suppressed
    return {**here.suppressed, **{rule: tuple(skus) for rule, skus in own.items()}}
