"""Stores and events for tests of what is recorded and delivered."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.core.chance import system_chance
from edge.core.clock import Clock, SettableClock
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement, EngagementKind
from edge.store.decisions import RecordedDecision
from edge.store.orders import NewOrder, OrderLine
from edge.store.store import Store
from edge.store.store_settings import StoreSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = StoreSettings(reserve_bytes=0)


@dataclass(frozen=True, slots=True)
class TestEvent:
    """The least that the outbox takes."""

    __test__ = False

    event_id: str
    lane: str = "e"
    kind: str = "tap"
    created_at: datetime = NOON
    expires_at: datetime = NOON + timedelta(days=30)
    body: bytes = b'{"id":"x","data":{}}'


def new_id(at: datetime = NOON) -> str:
    """Return a fresh id."""
    return uuid7(at, system_chance)


def event(lane: str = "e", kind: str = "tap", *, size: int = 0, event_id: str = "") -> TestEvent:
    """Return an event; with ``size``, its body has that many bytes."""
    event_id = event_id or new_id()
    body = f'{{"id":"{event_id}","data":{{"pad":"'.encode()
    return TestEvent(event_id, lane, kind, body=body + b"x" * (size - len(body) - 3) + b'"}}')


def decision(decision_id: str = "", at: datetime = NOON) -> RecordedDecision:
    """Return a decision."""
    return RecordedDecision(
        decision_id=decision_id or new_id(),
        at=at,
        screen_id="kiosk-1",
        surface="kiosk",
        placement_id="strip",
        visit_id="v1",
        body=b'{"shown":[]}',
        candidates=b"\x00\x01",
    )


def engagement(
    kind: EngagementKind = "tap", *, decision_id: str = "", event_id: str = ""
) -> Engagement:
    """Return an engagement."""
    return Engagement(
        event_id=event_id or new_id(),
        kind=kind,
        decision_id=decision_id or new_id(),
        slot=0,
        screen_id="kiosk-1",
        visit_id="v1",
        at=NOON,
    )


def order(order_id: str = "", *, minutes: int = 0, skus: tuple[str, ...] = ("tea",)) -> NewOrder:
    """Return an order of two of each sku, taken ``minutes`` after noon."""
    at = NOON + timedelta(minutes=minutes)
    return NewOrder(
        order_id=order_id or new_id(),
        site_day=at.date(),
        service="eat_in",
        lines=tuple(OrderLine(sku, {"milk": ("oat",)}, 2, 350) for sku in skus),
        total_minor=700 * len(skus),
        currency="GBP",
        taken_at=at,
        screen_id="kiosk-1",
        visit_id="v1",
    )


def open_store(folder: Path, clock: Clock | None = None, settings: StoreSettings = SMALL) -> Store:
    """Open a store; the clock stands at noon unless given."""
    return Store.open(
        folder, clock=clock or SettableClock(NOON), chance=system_chance, settings=settings
    )
