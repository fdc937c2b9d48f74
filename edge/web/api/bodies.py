"""The bodies of the JSON API: what is taken in, and what is given out.

What comes in is parsed here once, strictly: unknown fields, other types, NaN and numbers out
of range are refused. What goes out is described here and written by ``api_answers``; a test
holds the two equal.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from edge.catalog.allergens import Allergen
from edge.catalog.entry import Id, Sku
from edge.catalog.order import MAX_LINES, MAX_QUANTITY, Service
from edge.decide.engagement import EngagementKind
from edge.decide.values import Reason
from edge.identity.presence import Refusal

MAX_EVENTS = 200
"""The most a batch may hold: what one commit of the store takes."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""An identifier made by the caller: a screen, a visit."""

Moment = Annotated[
    AwareDatetime,
    # A moment near the first or last year cannot be told in every time zone.
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
]
"""A moment with its offset, as in 2026-03-01T12:00:00Z."""


class Body(BaseModel):
    """What the API takes or gives: exact types, no unknown fields, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ScanBody(Body):
    """What a scanner read at a screen: a till is a screen as well, under a name of its own."""

    model_config = ConfigDict(hide_input_in_errors=True)  # the text may be a customer's code

    screen: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class ScannedBody(Body):
    """What the text is, and the one field that goes with it.

    A ``customer`` is at the screen from now on, for ten minutes at most; ``presence`` goes with
    each decision for them and names nobody. ``nothing`` is a text that is ignored.
    """

    what: Literal["customer", "product", "refused", "nothing"]
    presence: str | None
    sku: str | None
    refusal: Refusal | None


class DecideBody(Body):
    """What a surface asks for.

    ``presence`` is what ``scan`` answered at the same ``screen``: the decision is then for that
    customer, as far as they allow it, and for anybody once they left.
    ``taken`` are products that the caller shows in other rows already.
    ``avoid`` is used for this answer and never stored. ``answers`` are sets of tags: a product
    fits when it has a tag of every set. ``at`` is taken only with ``--clock=request``.
    """

    placement: Id
    screen: Name = "api"
    visit: Name | None = None
    presence: Name | None = None
    basket: Annotated[tuple[Sku, ...], Field(max_length=100)] = ()
    avoid: frozenset[Allergen] = frozenset()
    fewer: Annotated[frozenset[Id], Field(max_length=50)] = frozenset()
    taken: Annotated[tuple[Sku, ...], Field(max_length=100)] = ()
    answers: Annotated[
        tuple[Annotated[frozenset[Id], Field(max_length=50)], ...], Field(max_length=10)
    ] = ()
    at: Moment | None = None


class DecidedItem(Body):
    """One filled slot; ``parts`` sum to ``score``, ``propensity`` is how likely it was here."""

    slot: int
    offer: str
    sku: str
    name: str | None
    price_minor: int | None
    score: float
    parts: dict[str, float]
    reason: Reason
    propensity: float
    explored: bool
    sponsored: bool


class DecidedBody(Body):
    """The recorded decision; ``degraded`` says why a simpler ranker was used, if one was.

    ``recognised`` is false for anybody, and for a presence that is over or allows nothing.
    """

    decision_id: str
    placement: str
    recognised: bool
    ranker: str
    degraded: str | None
    items: tuple[DecidedItem, ...]


class EventBody(Body):
    """One thing that happened to a slot; ``slot`` is left out for the whole slate."""

    event_id: UUID
    kind: EngagementKind
    decision_id: UUID
    slot: Annotated[int, Field(ge=0, le=49)] | None = None
    screen: Name = "api"
    visit: Name | None = None
    dwell_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    at: Moment | None = None


class EventsBody(Body):
    """A batch of events; sending one again (same ``event_id``) changes nothing."""

    events: Annotated[tuple[EventBody, ...], Field(min_length=1, max_length=MAX_EVENTS)]


class AcknowledgedBody(Body):
    """The ids of events that are on disk."""

    event_ids: tuple[str, ...]


class StockEntry(Body):
    """How many are left, or ``in`` (available, number unknown) or ``out`` (sold out)."""

    sku: Sku
    available: Annotated[int, Field(ge=0, le=1_000_000)] | Literal["in", "out"]


class StockBody(Body):
    """Changes of stock; each replaces what was known of its product."""

    changes: Annotated[tuple[StockEntry, ...], Field(min_length=1, max_length=1000)]


class StockedBody(Body):
    """What is sold out once the changes have taken effect."""

    sold_out: tuple[str, ...]


class WeatherBody(Body):
    """The weather outside the shop."""

    temp_c: Annotated[float, Field(ge=-60, le=60)]
    is_wet: bool


class ContextBody(Body):
    """Facts without a person; a fact left out stays as it is, and is unknown after 3 hours."""

    weather: WeatherBody | None = None
    kitchen_load: Annotated[float, Field(ge=0, le=1)] | None = None


class LineBody(Body):
    """A product with its choices; prices come from the catalog."""

    sku: Sku
    options: dict[Id, Annotated[tuple[Id, ...], Field(max_length=20)]] = {}
    qty: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1


class OrderBody(Body):
    """An order; ``order_id`` is made by the sender, so that a repeat makes no second order."""

    order_id: UUID
    lines: Annotated[tuple[LineBody, ...], Field(min_length=1, max_length=MAX_LINES)]
    service: Service
    screen: Name = "api"
    visit: Name | None = None


class OrderLine(Body):
    """A line as it was taken; ``unit_minor`` is the price of one with its choices."""

    sku: str
    name: str
    options: dict[str, tuple[str, ...]]
    qty: int
    unit_minor: int
    total_minor: int


class TakenOrderBody(Body):
    """An order that is on disk; it is paid at the counter."""

    order_id: str
    display_no: int
    lines: tuple[OrderLine, ...]
    total_minor: int
    currency: str
    service: Service
    taken_at: AwareDatetime
    screen: str


class OrderTakenBody(Body):
    """The order, its number, and the ids of the events that report it."""

    order: TakenOrderBody
    display_no: int
    event_ids: tuple[str, ...]


class OrdersBody(Body):
    """Orders taken since a moment, oldest first."""

    orders: tuple[TakenOrderBody, ...]


class PartBody(Body):
    """One part of the appliance: ok, degraded, off or failed, and why."""

    part: str
    state: str
    detail: str
    since: AwareDatetime | None


class HealthBody(Body):
    """How the appliance is. ``catalog`` is the digest of the shop's files it decides with."""

    is_serving: bool
    version: str
    site: str
    catalog: str
    accepts_at: bool
    parts: tuple[PartBody, ...]
    figures: dict[str, float]


class MistakeBody(Body):
    """One mistake in a request."""

    field: str
    wanted: str
    came: str


class ProblemBody(Body):
    """Why a request was refused (RFC 9457), and what helps."""

    type: str
    title: str
    status: int
    detail: str
    to_do: str
    mistakes: tuple[MistakeBody, ...] = ()
