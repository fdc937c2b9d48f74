"""The values of a decision: what was asked, what is shown, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from edge.catalog.allergens import Allergen
from edge.experiment.assignment import UNASSIGNED, Assignment
from edge.identity.consent import Purpose
from edge.identity.profile import Surprise

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
    YOUR_USUAL = "your_usual"
    """Bought here before, and again: only with consent, never on a board."""
    GOES_WITH_TASTES = "goes_with_tastes"
    """Goes with what they bought or starred; only with consent."""
    NEW_FOR_YOU = "new_for_you"
    """Never bought here, and close to what they bought or starred; only with consent."""
    STATED_TASTE = "stated_taste"
    """What they told us themselves is the largest part: a star, or a wish for surprises."""
    POPULAR_HERE = "popular_here"
    """Ranked by plain counts, because no model could be used."""
    SOMETHING_DIFFERENT = "something_different"
    """The slot that is drawn by chance on purpose."""
    LOW_PRICE = "low_price"
    """The strategy of its slot: it costs least of what may be shown."""
    NEW_HERE = "new_here"
    """The strategy of its slot: the shop sells it since lately."""
    STAFF_PICK = "staff_pick"
    SPONSORED = "sponsored"
    WEATHER = "weather"
    HOUSE_FAVOURITE = "house_favourite"
    """The shop's own choice: an offer it gave priority, or the placement's fallback."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A product the visitor bought here before; ``days_ago`` is 0 or more."""

    sku: str
    days_ago: float
    count: int


@dataclass(frozen=True, slots=True)
class Basis:
    """The consent that a personalised slate relied on."""

    record_id: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Recognised:
    """A person who presented their token, cut to what they allowed. It names nobody.

    ``bought`` is empty without the purpose ``past_orders``; the wishes are, without ``tastes``.
    """

    basis: tuple[Basis, ...]  # never empty: without consent a visitor is anonymous
    bought: tuple[Bought, ...] = field(default=(), repr=False)
    starred: frozenset[str] = field(default=frozenset(), repr=False)  # skus
    muted: frozenset[str] = field(default=frozenset(), repr=False)  # categories
    less: frozenset[str] = field(default=frozenset(), repr=False)  # categories
    surprise: Surprise = "usual"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a surface asks for.

    ``recognised`` is None for an anonymous visitor, and always on a board.

    ``avoid`` lives in memory with the visit: it is never recorded and never sent.
    ``fewer`` are categories of which the shopper wants fewer, for this visit.
    ``answers`` are the associate's guide: a product fits when it has a tag of every set.
    ``taken`` are products that the page shows in other rows already.
    ``at`` replaces the clock, only in a service that runs with ``--clock=request``.
    """

    placement_id: str
    screen_id: str
    visit_id: str | None = None
    basket: tuple[str, ...] = ()
    avoid: frozenset[Allergen] = frozenset()
    fewer: frozenset[str] = frozenset()
    answers: tuple[frozenset[str], ...] = ()
    recognised: Recognised | None = None
    taken: tuple[str, ...] = ()
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
    is_moved_up: bool = False
    """It would not stand here, or not so far up, without the shop's priority for its offer."""
    explanation: str = ""
    """The shop's own explanation to show; "" for the sentence of ``reason``."""


@dataclass(frozen=True, slots=True)
class Slate:
    """The filled slots of a placement; empty when nothing is the right answer."""

    decision_id: str
    placement_id: str
    shown: tuple[Shown, ...]
    ranker: str  # the name of the ranker that scored it
    degraded: str | None = None  # why a simpler ranker or the fallback was used
    suppressed: Mapping[str, int] = field(default_factory=dict)  # rule -> how many it left out
    is_unlinked: bool = False
    """Made while allergens were filtered: nothing kept about it may name its visit. In memory only."""
    because: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Shown sku -> the liked product that its part ``tastes`` came from. In memory only."""
    assignment: Assignment = UNASSIGNED
    """What the visit was assigned to when this was decided; an exposure counts for it."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """Content module -> the variant that an arm shows here. In memory only."""
