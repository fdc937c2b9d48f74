"""May this authored offer be proposed here and now?"""

from enum import StrEnum

from edge.catalog.offer import Offer, WeatherCondition
from edge.catalog.placement import Placement
from edge.context.moment import Context, Weather


class OfferRule(StrEnum):
    """A policy's reason to leave an authored offer out (a suppression)."""

    OTHER_PLACE = "other_place"
    NOT_VALID_TODAY = "not_valid_today"
    OTHER_DAYPART = "other_daypart"
    OTHER_WEATHER = "other_weather"


def offer_rule(offer: Offer, placement: Placement, context: Context) -> OfferRule | None:
    """Return the rule that keeps ``offer`` out of ``placement`` in ``context``, or None.

    A condition on something unknown (no weather, no daypart) is not met.
    """
    today = context.local_at.date()
    if not _belongs_to(offer, placement):
        return OfferRule.OTHER_PLACE
    if today < (offer.valid_from or today) or today > (offer.valid_to or today):
        return OfferRule.NOT_VALID_TODAY
    if offer.dayparts and context.daypart_id not in offer.dayparts:
        return OfferRule.OTHER_DAYPART
    if offer.weather and not _is_met(offer.weather, context.weather):
        return OfferRule.OTHER_WEATHER
    return None


def _belongs_to(offer: Offer, placement: Placement) -> bool:
    if placement.surface not in offer.surfaces:
        return False
    return not offer.placements or placement.id in offer.placements


def _is_met(condition: WeatherCondition, weather: Weather | None) -> bool:
    if weather is None:
        return False
    if condition.min_temp_c is not None and weather.temp_c < condition.min_temp_c:
        return False
    if condition.max_temp_c is not None and weather.temp_c > condition.max_temp_c:
        return False
    return condition.wet is None or condition.wet == weather.is_wet
