"""The values of a decision: what was asked, what is shown, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from edge.catalog.allergens import Allergen

SurfaceName = Literal["signage", "kiosk", "tablet", "phone", "pos"]


class Reason(StrEnum):
    """Why something is shown. Every shown offer has the one the computation had."""

    TIME_OF_DAY = "time_of_day"
    """The moment's part of the score is the largest: often chosen at this hour."""
    POPULAR_NOW = "popular_now"
    """The trend's part is the largest: sells here in these minutes."""
    GOES_WITH_BASKET = "goes_with_basket"
    """The basket's part is the largest."""
    PAST_ORDERS_HERE = "past_orders_here"
    """The history's part is the largest; only with consent."""
    POPULAR_HERE = "popular_here"
    """Ranked by plain counts, because no model could be used."""
    SOMETHING_DIFFERENT = "something_different"
    """The slot that is drawn by chance on purpose."""
    STAFF_PICK = "staff_pick"
    SPONSORED = "sponsored"
    WEATHER = "weather"
    HOUSE_FAVOURITE = "house_favourite"
    """The shop's own choice: an offer it gave priority, or the placement's fallback."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a surface asks for.

    ``avoid`` lives in memory with the visit: it is never recorded and never sent.
    ``fewer`` are categories of which the shopper wants fewer, for this visit.
    ``answers`` are the associate's guide: a product fits when it has a tag of every set.
    ``at`` replaces the clock, only in a service that runs with ``--clock=request``.
    """

    placement_id: str
    screen_id: str
    visit_id: str | None = None
    basket: tuple[str, ...] = ()
    avoid: frozenset[Allergen] = frozenset()
    fewer: frozenset[str] = frozenset()
    answers: tuple[frozenset[str], ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One filled slot, 0 first.

    ``parts`` sum to ``score``. ``propensity`` is the probability with which this rule put it
    here, given the slots before.
    """

    slot: int
    offer_id: str  # "product:<sku>", or an authored offer's id
    sku: str
    score: float
    parts: Mapping[str, float]
    reason: Reason
    propensity: float
    is_explored: bool = False
    is_sponsored: bool = False


@dataclass(frozen=True, slots=True)
class Slate:
    """The filled slots of a placement; empty when nothing is the right answer."""

    decision_id: str
    placement_id: str
    shown: tuple[Shown, ...]
    ranker: str  # the name of the ranker that scored it
    degraded: str | None = None  # why a simpler ranker or the fallback was used
    suppressed: Mapping[str, int] = field(default_factory=dict)  # rule -> how many it left out
