"""May this authored offer be proposed here and now?

One function for each thing that it depends on: where and when it holds (``offer_rule``), what must
be there for everybody (``needs_rule``: stock, and all parts of a bundle), and its own condition
(``condition_rule``).
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum

from edge.catalog.offer import Offer, WeatherCondition
from edge.catalog.placement import Placement
from edge.context.moment import Context, Weather
from edge.policy.conditions import Answer, Verdict


class OfferRule(StrEnum):
    """A policy's reason to leave an authored offer out (a suppression)."""

    OTHER_PLACE = "other_place"
    """It was written for other places; such an offer is in no list of what was left out here."""
    NOT_VALID_TODAY = "not_valid_today"
    OTHER_DAYPART = "other_daypart"
    OTHER_WEATHER = "other_weather"
    NOT_ENOUGH_LEFT = "not_enough_left"
    """Fewer are left than it needs."""
    PART_IS_MISSING = "part_is_missing"
    """A bundle of which a part cannot be had now, or may not be sold here."""
    CONDITION_NOT_MET = "condition_not_met"
    CONDITION_FAILED = "condition_failed"
    """Its condition could not be answered; counted, because its author should know."""


def offer_rule(offer: Offer, placement: Placement, context: Context) -> OfferRule | None:
    """Return the rule that keeps ``offer`` out of ``placement`` in ``context``, or None.

    A condition on something unknown (no weather, no daypart) is not met.
    """
    if not belongs_to(offer, placement):
        return OfferRule.OTHER_PLACE
    return moment_rule(offer, context)


def belongs_to(offer: Offer, placement: Placement) -> bool:
    """Return whether ``offer`` was written for ``placement``."""
    if placement.surface not in offer.surfaces:
        return False
    return not offer.placements or placement.id in offer.placements


def moment_rule(offer: Offer, context: Context) -> OfferRule | None:
    """Return the rule of day, daypart and weather that keeps ``offer`` out everywhere, or None."""
    today = context.local_at.date()
    if today < (offer.valid_from or today) or today > (offer.valid_to or today):
        return OfferRule.NOT_VALID_TODAY
    if offer.dayparts and context.daypart_id not in offer.dayparts:
        return OfferRule.OTHER_DAYPART
    if offer.weather and not _is_met(offer.weather, context.weather):
        return OfferRule.OTHER_WEATHER
    return None


def needs_rule(
    offer: Offer, *, missing: AbstractSet[str], short: AbstractSet[str]
) -> OfferRule | None:
    """Return the rule of what must be there that keeps ``offer`` out, or None.

    Args:
        offer: One that its place and moment let through.
        missing: Skus that cannot be had or sold here now; asked for bundles only.
        short: Offers of which too little is left (``short_of``).
    """
    if offer.offer in short:
        return OfferRule.NOT_ENOUGH_LEFT
    if offer.is_bundle and any(sku in missing for sku in offer.skus):
        return OfferRule.PART_IS_MISSING
    return None


def condition_rule(answer: Answer) -> OfferRule | None:
    """Return the rule by which an answer to ``eligible_when`` keeps the offer out, or None."""
    if answer.verdict is Verdict.MET:
        return None
    failed = answer.verdict is Verdict.FAILED
    return OfferRule.CONDITION_FAILED if failed else OfferRule.CONDITION_NOT_MET


def short_of(offers: Iterable[Offer], levels: Mapping[str, int]) -> frozenset[str]:
    """Return the offers of which too little is left; what is not known to be left is enough."""
    return frozenset(
        offer.offer
        for offer in offers
        if any(levels.get(sku, least) < least for sku, least in offer.needs.stock.items())
    )


def _is_met(condition: WeatherCondition, weather: Weather | None) -> bool:
    if weather is None:
        return False
    if condition.min_temp_c is not None and weather.temp_c < condition.min_temp_c:
        return False
    if condition.max_temp_c is not None and weather.temp_c > condition.max_temp_c:
        return False
    return condition.wet is None or condition.wet == weather.is_wet
