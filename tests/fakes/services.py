"""A whole shop behind the screens, in memory and without a model: for every test of the web.

Everything is real but small: the demo shop's own catalog, a clock that stands still, prices
from the catalog, stock that sells out. Decisions take the first products that fit, so that a
test knows what will be shown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from edge.catalog.order import Order, price
from edge.catalog.parse import parse_site
from edge.catalog.placement import Placement
from edge.catalog.product import Product, fits
from edge.catalog.site import WEEKDAYS, Board, Site
from edge.context.moment import Context, Weather
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement
from edge.decide.values import Asked, Reason, Shown, Slate, SurfaceName
from edge.web.ports import (
    ContextFacts,
    Health,
    OrderDraft,
    PartHealth,
    Screen,
    Services,
    StockChange,
    TakenOrder,
    Timers,
    WebSettings,
)

ROOT = Path(__file__).parents[2]
UI = ROOT / "kiosk_ui"
SITES = ROOT / "firmware_config" / "sites"
LUNCH_AT = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
"""A Tuesday at lunch time in London, in winter: UTC is the shop's own time."""

SCREENS = (
    Screen("kiosk-1", "kiosk"),
    Screen("kiosk-2", "kiosk"),
    Screen("board-1", "signage", "coffee-bar"),
    Screen("board-2", "signage", "tea-bakery"),
    Screen("tablet-1", "tablet"),
)

T = TypeVar("T")


@lru_cache(maxsize=1)
def harbour_kitchen() -> Site:
    """Return the demo shop as it is written, under a digest that no change of it moves."""
    folder = SITES / "harbour_kitchen"
    texts = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.yaml")
    }
    return parse_site(texts).model_copy(update={"digest": "0" * 64})


def done(value: T) -> Future[T]:
    """Return a future that is already there."""
    future: Future[T] = Future()
    future.set_result(value)
    return future


@dataclass
class FakeShop:
    """A shop that remembers what the screens told it; a test changes it as it likes."""

    site: Site = field(default_factory=harbour_kitchen)
    clock: SettableClock = field(default_factory=lambda: SettableClock(LUNCH_AT))
    screens: tuple[Screen, ...] = SCREENS
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    is_demo: bool = True
    accepts_at: bool = False
    max_streams: int = 64
    timers: Timers = field(default_factory=Timers)
    ui_folder: Path = UI

    sold_out: set[str] = field(default_factory=set)
    weather: Weather | None = None
    kitchen_load: float | None = None
    asked: list[Asked] = field(default_factory=list)
    slates: dict[str, Slate] = field(default_factory=dict)
    engagements: list[Engagement] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    reason: Reason | None = None
    """The reason of every decision, instead of the one that fits the placement."""
    is_disk_full: bool = False
    is_clock_set: bool = True
    broker_state: str = "off"
    has_hero: bool = True
    _drawn: int = 0

    def chance(self, size: int) -> bytes:
        """Return bytes that look random and are the same in every run."""
        self._drawn += 1
        return hashlib.shake_256(str(self._drawn).encode()).digest(size)

    def services(self) -> Services:
        """Return the functions the screens call."""
        return Services(
            settings=WebSettings(
                allowed_hosts=self.allowed_hosts,
                screens=self.screens,
                timers=self.timers,
                ui_folder=self.ui_folder,
                is_demo=self.is_demo,
                accepts_at=self.accepts_at,
                version="0.1.0",
                max_streams=self.max_streams,
            ),
            clock=self.clock,
            chance=self.chance,
            site=lambda: self.site,
            context=self.context,
            serve=self.serve,
            engage=self.engage,
            take_order=self.take_order,
            orders_since=lambda at: [order for order in self.orders if order.taken_at >= at],
            sold_out=lambda: frozenset(self.sold_out),
            set_stock=self.set_stock,
            set_context=self.set_context,
            explain=self.explain,
            health=self.health,
            board_hero=self.board_hero,
        )

    def context(self, _surface: SurfaceName) -> Context:
        """Return the moment as the shop lives it."""
        at = self.clock()
        local = at.astimezone(ZoneInfo(self.site.header.timezone))
        now = local.time()
        parts = (p.id for p in self.site.header.dayparts if p.start <= now < p.end)
        day = self.site.header.opening.get(WEEKDAYS[local.weekday()])
        return Context(
            at=at,
            local_at=local,
            daypart_id=next(parts, None) if self.is_clock_set else None,
            is_open=not self.is_clock_set or (day is not None and day.opens <= now < day.closes),
            weather=self.weather,
            kitchen_load=self.kitchen_load,
            trend={},
        )

    def serve(self, asked: Asked) -> Slate:
        """Return the first products that fit the placement."""
        placement = self.site.placement(asked.placement_id)
        if placement is None:
            msg = f"wanted a placement of the shop, got {asked.placement_id!r}"
            raise RequestContractError(msg)
        self.asked.append(asked)
        fitting = [p for p in self.site.products if self._fits(p, placement, asked)]
        if placement.needs_basket and not asked.basket:
            fitting = []
        return self._keep(placement, fitting)

    def _fits(self, product: Product, placement: Placement, asked: Asked) -> bool:
        return (
            product.is_complete()
            and (not placement.sections or product.section in placement.sections)
            and product.sku not in asked.basket
            and product.sku not in self.sold_out
            and product.category not in asked.fewer
            and fits(product, asked.avoid)
            and all(not tags or product.tags & tags for tags in asked.answers)
        )

    def _keep(self, placement: Placement, fitting: Sequence[Product]) -> Slate:
        chosen: list[Product] = []
        for product in fitting:
            same = sum(other.category == product.category for other in chosen)
            if placement.spread is None or same < placement.spread:
                chosen.append(product)
        slate = Slate(
            decision_id=uuid7(self.clock(), self.chance),
            placement_id=placement.id,
            shown=tuple(
                Shown(
                    slot=slot,
                    offer_id=f"product:{product.sku}",
                    sku=product.sku,
                    score=1.0 - slot / 100,
                    parts={"moment": 0.5, "trend": 0.5 - slot / 100},
                    reason=self._reason(placement, slot),
                    propensity=1.0,
                    is_explored=slot == placement.explore_slot,
                )
                for slot, product in enumerate(chosen[: placement.slots])
            ),
            ranker="fake",
        )
        self.slates[slate.decision_id] = slate
        return slate

    def _reason(self, placement: Placement, slot: int) -> Reason:
        if self.reason is not None:
            return self.reason
        if slot == placement.explore_slot:
            return Reason.SOMETHING_DIFFERENT
        return Reason.GOES_WITH_BASKET if placement.needs_basket else Reason.POPULAR_NOW

    def engage(self, engagements: Sequence[Engagement]) -> Future[tuple[str, ...]]:
        """Remember each engagement once."""
        if self.is_disk_full:
            failed: Future[tuple[str, ...]] = Future()
            failed.set_exception(StorageUnavailableError("the disk is full; free some space"))
            return failed
        known = {e.event_id for e in self.engagements}
        self.engagements += [e for e in engagements if e.event_id not in known]
        return done(tuple(e.event_id for e in engagements))

    def take_order(self, draft: OrderDraft) -> TakenOrder:
        """Take the order once, at the catalog's prices."""
        for order in self.orders:
            if order.order_id == draft.order_id:
                return TakenOrder(order, (order.order_id,))
        gone = sorted({line.sku for line in draft.lines} & self.sold_out)
        if gone:
            msg = f"wanted products that are there, got {gone[0]}, which is sold out"
            raise RequestContractError(msg)
        lines = tuple(price(self.site, line) for line in draft.lines)
        if self.is_disk_full:
            msg = "the disk is full; free some space"
            raise StorageUnavailableError(msg)
        order = Order(
            order_id=draft.order_id,
            display_no=len(self.orders) + 1,
            lines=lines,
            total_minor=sum(line.total_minor for line in lines),
            currency=self.site.header.currency,
            service=draft.service,
            taken_at=self.clock(),
            screen_id=draft.screen_id,
            visit_id=draft.visit_id,
        )
        self.orders.append(order)
        return TakenOrder(order, (order.order_id,))

    def set_stock(self, changes: Sequence[StockChange]) -> Future[None]:
        """Sell out what is at 0, bring back the rest."""
        unknown = [c.sku for c in changes if self.site.product(c.sku) is None]
        if unknown:
            msg = f"wanted products of the shop, got {unknown[0]!r}; see the menu"
            raise RequestContractError(msg)
        for change in changes:
            (self.sold_out.add if change.available == 0 else self.sold_out.discard)(change.sku)
        return done(None)

    def set_context(self, facts: ContextFacts) -> Future[None]:
        """Keep the facts that are given."""
        self.weather = facts.weather or self.weather
        if facts.kitchen_load is not None:
            self.kitchen_load = facts.kitchen_load
        return done(None)

    def explain(self, decision_id: str) -> Mapping[str, object] | None:
        """Return what the decision showed, or None."""
        slate = self.slates.get(decision_id)
        if slate is None:
            return None
        shown = [{"slot": s.slot, "sku": s.sku, "reason": str(s.reason)} for s in slate.shown]
        return {"decision_id": decision_id, "placement": slate.placement_id, "shown": shown}

    def health(self) -> Health:
        """Return a healthy appliance without a broker."""
        storage = "failed" if self.is_disk_full else "ok"
        return Health(
            is_serving=True,
            parts=(
                PartHealth("service", "ok", "serving"),
                PartHealth("ranker", "ok", "the factory model"),
                PartHealth("storage", storage, "1 MB used"),
                PartHealth("delivery", self.broker_state, "no broker is set; events wait here"),
            ),
            figures={"outbox_depth": 3.0},
        )

    def board_hero(self, board: Board, screen_id: str) -> Slate | None:
        """Return the first product of the hero's placement that is there."""
        if board.hero is None or not self.has_hero:
            return None
        held = [s for s in self.slates.values() if s.placement_id == board.hero]
        if held and not {shown.sku for shown in held[-1].shown} & self.sold_out:
            return held[-1]
        return self.serve(Asked(placement_id=board.hero, screen_id=screen_id))
