"""What the tablet's first page shows: calls for help, screens with customers, stock, weather."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.catalog.product import Product
from edge.context.moment import Weather
from edge.identity.presence import Presence
from edge.web.help import HelpDesk, HelpRequest
from edge.web.phone.visit import screen_name
from edge.web.ports import Services
from edge.web.staff_ports import StaffSession

CODE_CHARACTERS = 4
"""Enough to tell two customers of a shop apart for ten minutes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call for help, and how long it has been waiting."""

    request: HelpRequest
    waiting_s: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Here:
    """That somebody shares their tastes at a screen: a place and a short code, nobody's name."""

    presence_id: str
    screen: str
    code: str
    left_ms: int


@dataclass(frozen=True, slots=True)
class NowView:
    """Everything an associate needs at a glance; no name, no history, no person."""

    calls: tuple[Call, ...]
    customers: tuple[Here, ...] | None
    """None for whoever is not signed in, or may not see customers' cards."""
    sold_out: tuple[Product, ...]
    weather: Weather | None


def now_view(services: Services, desk: HelpDesk, session: StaffSession | None) -> NowView:
    """Return the present state of the shop floor, for who is signed in."""
    now = services.clock()
    gone = services.sold_out()
    calls = tuple(
        Call(
            request=request,
            waiting_s=max(0, int((now - request.asked_at).total_seconds())),
            is_late=request.is_late(now),
        )
        for request in desk.open()
    )
    return NowView(
        calls=calls,
        customers=_customers(services, session, now),
        sold_out=tuple(p for p in services.site().products if p.sku in gone),
        weather=services.context("tablet").weather,
    )


def screen_id(services: Services) -> str:
    """Return the screen this tablet is: the first that is declared, "" where none is."""
    screens = services.settings.screens
    return next((s.screen_id for s in screens if s.surface == "tablet"), "")


def left_ms(until_at: datetime, now: datetime) -> int:
    """Return how long something may still be shown."""
    return max(0, (until_at - now) // timedelta(milliseconds=1))


def _customers(
    services: Services, session: StaffSession | None, now: datetime
) -> tuple[Here, ...] | None:
    if services.staff is None or session is None:
        return None
    present = sorted(services.staff.presences(session), key=lambda one: one.screen_id)
    return tuple(_here(presence, now) for presence in present)


def _here(presence: Presence, now: datetime) -> Here:
    return Here(
        presence_id=presence.presence_id,
        screen=screen_name(presence.screen_id),
        code=presence.presence_id[:CODE_CHARACTERS].upper(),
        left_ms=left_ms(presence.until_at, now),
    )
