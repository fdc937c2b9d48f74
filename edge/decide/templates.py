"""The shop's own words for why something is shown, where they may be used and are true.

The reason comes from the computation; a template only says it. Its needs must be met and the
screen private enough, else the next group that spoke for the product is tried, and at last the
sentence that ships. A public screen is spoken to about nobody.

Source: decisioning.md 8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from edge.catalog.explanation import Explanation, Group, Need
from edge.catalog.offer import Offer
from edge.catalog.taxonomy import Privacy
from edge.decide.reasons import BASKET_PART, HISTORY_PART, OFFER_PART, TASTES_PART
from edge.decide.values import Reason
from edge.decide.wishes import SURPRISE_PART, WISHES_PART

_GROUP_OF_PART: Final[Mapping[str, Group]] = {
    "moment": "moment",
    "trend": "trend",
    BASKET_PART: "basket",
    HISTORY_PART: "history",
    TASTES_PART: "tastes",
    WISHES_PART: "wishes",
    SURPRISE_PART: "wishes",
    OFFER_PART: "merchant",
}
_GROUP_OF_REASON: Final[Mapping[Reason, Group]] = {
    Reason.TIME_OF_DAY: "moment",
    Reason.POPULAR_NOW: "trend",
    Reason.GOES_WITH_BASKET: "basket",
    Reason.PAST_ORDERS_HERE: "history",
    Reason.YOUR_USUAL: "history",
    Reason.GOES_WITH_TASTES: "tastes",
    Reason.NEW_FOR_YOU: "tastes",
    Reason.STATED_TASTE: "wishes",
    Reason.LOW_PRICE: "merchant",
    Reason.NEW_HERE: "merchant",
    Reason.STAFF_PICK: "merchant",
    Reason.SPONSORED: "merchant",
    Reason.WEATHER: "merchant",
    Reason.SOMETHING_DIFFERENT: "discovery",
    Reason.HOUSE_FAVOURITE: "merchant",
    Reason.POPULAR_HERE: "fallback",
}
_MUST_BE_SAID: Final = frozenset({Reason.SOMETHING_DIFFERENT})
"""No other group may stand in for it."""

_ABOUT_NOBODY: Final[frozenset[Group]] = frozenset(
    {"moment", "trend", "merchant", "discovery", "fallback"}
)
_MOST_PUBLIC: Final[Mapping[Privacy, int]] = {"private": 0, "semi-private": 1, "public": 2}
_NEED_OF_PART: Final[Mapping[str, Need]] = {
    HISTORY_PART: "purchase",
    WISHES_PART: "star",
    TASTES_PART: "liked",
}


@dataclass(frozen=True, slots=True)
class Sayable:
    """What may be said at a placement now."""

    explanations: tuple[Explanation, ...] = ()
    met: frozenset[Need] = frozenset()
    """Needs that the moment meets: the weather is known, a daypart runs, a basket is there."""
    publicity: int = 2


NOTHING_OWN: Final = Sayable()
"""Only the sentences that ship."""


def explanation_of(
    reason: Reason, parts: Mapping[str, float], offer: Offer | None, sayable: Sayable
) -> str:
    """Return the id of the shop's explanation to show, or "": the sentence of ``reason``."""
    if not sayable.explanations or reason is Reason.SPONSORED:
        return ""  # that somebody pays is said in the words that ship
    met = sayable.met | {need for part, need in _NEED_OF_PART.items() if parts.get(part, 0.0) > 0}
    met |= {"offer"} if offer is not None else set()
    usable = [one for one in sayable.explanations if _may_say(one, sayable.publicity, met)]
    own = offer.explain if offer is not None and _is_of_offer(reason) else None
    if any(one.id == own for one in usable):
        return own or ""
    for group in _groups(reason, parts):
        if group == "merchant":
            continue  # words about one offer fit no other
        of_group = [one for one in usable if one.group == group]
        if of_group:  # who needs more says more
            return max(of_group, key=lambda one: len(one.needs)).id
    return ""


def _may_say(one: Explanation, publicity: int, met: frozenset[Need]) -> bool:
    if publicity > _MOST_PUBLIC[one.min_privacy] or not one.needs <= met:
        return False
    return publicity < 2 or one.group in _ABOUT_NOBODY


def _is_of_offer(reason: Reason) -> bool:
    return _GROUP_OF_REASON[reason] == "merchant" and reason not in _MUST_BE_SAID


def _groups(reason: Reason, parts: Mapping[str, float]) -> Iterator[Group]:
    """Yield what spoke for it, the main thing first."""
    yield _GROUP_OF_REASON[reason]
    if reason in _MUST_BE_SAID:
        return
    for name in sorted((n for n in parts if parts[n] > 0), key=lambda n: -parts[n]):
        if name in _GROUP_OF_PART:
            yield _GROUP_OF_PART[name]
