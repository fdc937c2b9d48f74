"""What the screens need from the rest of the appliance, as plain functions.

``app/wiring.py`` fills a ``Services``; nothing here knows a database, a model or a broker.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.catalog.order import Line, Order, Service
from edge.catalog.site import Board, Site
from edge.context.moment import Context, Weather
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.decide.engagement import Engagement
from edge.decide.values import Asked, Slate, SurfaceName
from edge.web.phone_ports import Customers, Demo
from edge.web.recognition_ports import Recognition
from edge.web.staff_ports import Staff


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as a screen or a till sends it; prices come from the catalog.

    ``order_id`` is made by the sender (UUID), so that a repeated request makes one order.
    """

    order_id: str
    lines: tuple[Line, ...]
    service: Service
    screen_id: str
    visit_id: str | None


@dataclass(frozen=True, slots=True)
class TakenOrder:
    """An order that is on disk, and the ids of the events that report it."""

    order: Order
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StockChange:
    """Absolute (``available``: how many are left, 0 = sold out, None = unknown) for one sku."""

    sku: str
    available: int | None


@dataclass(frozen=True, slots=True)
class ContextFacts:
    """Facts from a till, a kitchen or an associate; None leaves a fact as it is."""

    weather: Weather | None = None
    kitchen_load: float | None = None


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part of the appliance: ``state`` is ok, degraded, off or failed, in words for ops."""

    part: str  # service, ranker, storage, delivery, catalog, clock, beacon, camera
    state: str
    detail: str  # one plain sentence: what is, and since when
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How the appliance is; ``figures`` are numbers for /metrics by metric name."""

    is_serving: bool
    parts: tuple[PartHealth, ...]
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Screen:
    """One browser showing one surface."""

    screen_id: str
    surface: SurfaceName
    board_id: str | None = None


@dataclass(frozen=True, slots=True)
class Timers:
    """Idle timers of the kiosk; after ``guest`` plus ``warn`` untouched the visit ends."""

    guest: timedelta = timedelta(seconds=45)
    warn: timedelta = timedelta(seconds=20)
    item: timedelta = timedelta(seconds=60)
    done: timedelta = timedelta(seconds=20)
    paired: timedelta = timedelta(seconds=30)
    """In place of ``guest`` once somebody is recognised."""
    server_grace: timedelta = timedelta(seconds=10)
    """The server ends a visit this much later than the page should have."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What of the settings the screens need."""

    allowed_hosts: tuple[str, ...]
    screens: tuple[Screen, ...]
    timers: Timers
    ui_folder: Path  # kiosk_ui: templates, static, i18n, region
    is_demo: bool
    accepts_at: bool  # --clock=request
    version: str
    max_body_bytes: int = 65536
    max_streams: int = 64
    recognition_group: int = 1
    """The shop group that a phone makes its codes for."""
    day_keys_ahead: int = 7
    """Days that a device without a network may go on recognising; consent texts say so."""


def _nothing(_path: str) -> Path | None:
    return None


@dataclass(frozen=True, slots=True)
class Services:
    """Every function the screens call. None of them waits for the network."""

    settings: WebSettings
    clock: Clock
    chance: Chance
    site: Callable[[], Site]
    context: Callable[[SurfaceName], Context]
    serve: Callable[[Asked], Slate]
    """Decide, record, return after the commit.

    Raises RequestContractError for an unknown placement; a full disk still returns a slate.
    """
    engage: Callable[[Sequence[Engagement]], Future[tuple[str, ...]]]
    """Keep engagements; the future gives the acknowledged event ids after the commit."""
    take_order: Callable[[OrderDraft], TakenOrder]
    """Raises RequestContractError (unknown product, sold out) or StorageUnavailableError."""
    orders_since: Callable[[datetime], Sequence[Order]]
    sold_out: Callable[[], frozenset[str]]
    set_stock: Callable[[Sequence[StockChange]], Future[None]]
    """Takes effect on every screen at once. Raises RequestContractError for unknown skus."""
    set_context: Callable[[ContextFacts], Future[None]]
    explain: Callable[[str], Mapping[str, object] | None]
    """The recorded decision, explained; None when there is none of that id."""
    health: Callable[[], Health]
    board_hero: Callable[[Board, str], Slate | None]
    """The board's hero slate for a screen: changes on the 10-minute grid, at a daypart, a stock
    or a manager change, never because of a person."""
    without_past_orders: Callable[[Asked, str], tuple[str, ...] | None] | None = None
    """The skus that the decision of that id would show without past orders; unrecorded.

    None: it used none. Empty: the row would not be there. For their own customer's eyes only.
    """
    recognition: Recognition | None = None
    """None: recognition is switched off, and no screen mentions it."""
    customers: Customers | None = None
    staff: Staff | None = None
    demo: Demo | None = None
    passes_on: Callable[[str], Path | None] = _nothing
    """The signed file at a path of the repository, if this device has it and passes it on."""
