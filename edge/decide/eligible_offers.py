"""Which authored offers may propose something: standing ones on the shelf, the rest per request.

An offer *stands* when its place, moment, needs and condition do not change from one visitor to
the next. What is left is asked at each request: conditions about the basket or the kitchen, needs
of consent, and bundles, whose every part must suit the visit. Usually that is a handful, and for
a shop without any it costs nothing.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.context.moment import Context
from edge.decide.offer_index import OfferIndex
from edge.policy.condition_facts import moving_facts, standing_facts
from edge.policy.conditions import Answers
from edge.policy.offers import OfferRule, condition_rule, moment_rule, needs_rule

MOST_NAMED: Final = 200
"""Ids of one rule that a record names; the others are counted in one entry more."""


@dataclass(frozen=True, slots=True)
class Now:
    """What holds for everybody while a shelf does."""

    index: OfferIndex
    context: Context
    short: frozenset[str]
    """Offers of which too little is left."""
    answers: Answers
    """From the facts of ``context`` that stand."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What an offer may ask of one visit."""

    basket: Sequence[Product]
    left_out: AbstractSet[str]
    """Skus that this visit leaves out, whatever for."""
    purposes: AbstractSet[str] = frozenset()
    """What a recognised customer consented to, as far as this screen may use it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a placement may propose before anybody comes."""

    offers: Mapping[str, Offer]  # sku -> the offer that proposes it
    asked_each_time: tuple[Offer, ...]
    suppressed: Mapping[str, tuple[str, ...]]  # rule -> ids of offers
    failed: Mapping[str, str]  # offer -> why its condition could not be answered


@dataclass(frozen=True, slots=True)
class Eligible:
    """What proposes something in one decision."""

    offers: Mapping[str, Offer]  # sku -> the offer that proposes it
    suppressed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def now(index: OfferIndex, context: Context, short: frozenset[str] = frozenset()) -> Now:
    """Return the offers' side of a shelf."""
    return Now(index, context, short, index.conditions.about(standing_facts(context)))


def standing_offers(now: Now, placement_id: str, missing: AbstractSet[str]) -> Standing:
    """Return what stands at a placement where the skus ``missing`` cannot be had or sold."""
    index = now.index
    offers: dict[str, Offer] = {}
    later: list[Offer] = []
    left_out: dict[str, list[str]] = {}
    failed: dict[str, str] = {}
    for offer in index.of_placement.get(placement_id, ()):
        rule = moment_rule(offer, now.context) or needs_rule(
            offer, missing=missing, short=now.short
        )
        moving = index.conditions.is_moving(offer.eligible_when)
        if rule is None and not moving:
            answer = now.answers.of(offer.eligible_when)
            rule = condition_rule(answer)
            if rule is OfferRule.CONDITION_FAILED:
                failed[offer.offer] = answer.why
        if rule is not None:
            left_out.setdefault(rule.value, []).append(offer.offer)
        elif moving or offer.needs.consent or offer.is_bundle:
            later.append(offer)
        else:
            _propose(offers, offer, index.rank)
    return Standing(offers, tuple(later), _named(left_out), failed)


def eligible_offers(here: Standing, now: Now, visit: Visit) -> Eligible:
    """Return what may propose something to a visit, of what stands ``here``."""
    left_out = visit.left_out
    standing = {sku: one for sku, one in here.offers.items() if sku not in left_out}
    if not here.asked_each_time:
        return Eligible(standing)
    # All facts: such a condition may name the hour beside the basket.
    facts = {**standing_facts(now.context), **moving_facts(now.context, visit.basket)}
    answers = now.index.conditions.about(facts)
    suppressed: dict[str, list[str]] = {}
    for offer in here.asked_each_time:
        rule = condition_rule(answers.of(offer.eligible_when))
        if rule is not None:
            suppressed.setdefault(rule.value, []).append(offer.offer)
        elif offer.needs.consent <= visit.purposes and _is_whole(offer, left_out):
            # Neither is recorded: what somebody consented to, or what they cannot eat.
            _propose(standing, offer, now.index.rank, left_out)
    return Eligible(standing, _named(suppressed))


def _is_whole(offer: Offer, left_out: AbstractSet[str]) -> bool:
    return not offer.is_bundle or left_out.isdisjoint(offer.skus)


def _propose(
    offers: dict[str, Offer],
    offer: Offer,
    rank: Mapping[str, int],
    left_out: AbstractSet[str] = frozenset(),
) -> None:
    """Let ``offer`` propose its products; a bundle is one proposal, under its first product."""
    for sku in offer.skus[:1] if offer.is_bundle else offer.skus:
        if sku in left_out:
            continue
        other = offers.get(sku)
        if other is None or rank[offer.offer] < rank[other.offer]:
            offers[sku] = offer


def _named(left_out: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Keep the lists short: a record of every decision holds them."""
    return {
        rule: tuple(ids)
        if len(ids) <= MOST_NAMED
        else (*ids[:MOST_NAMED], f"and {len(ids) - MOST_NAMED} more")
        for rule, ids in left_out.items()
    }
