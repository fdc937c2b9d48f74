"""What the tablet's first page shows: calls for help, sold-out products, the weather."""

from dataclasses import dataclass

from edge.catalog.product import Product
from edge.context.moment import Weather
from edge.web.help import HelpDesk, HelpRequest
from edge.web.ports import Services


@dataclass(frozen=True, slots=True)
class Call:
    """A call for help, and how long it has been waiting."""

    request: HelpRequest
    waiting_s: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class NowView:
    """Everything an associate needs at a glance; no name, no history, no person."""

    calls: tuple[Call, ...]
    sold_out: tuple[Product, ...]
    weather: Weather | None


def now_view(services: Services, desk: HelpDesk) -> NowView:
    """Return the present state of the shop floor."""
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
        sold_out=tuple(p for p in services.site().products if p.sku in gone),
        weather=services.context("tablet").weather,
    )


def screen_id(services: Services) -> str:
    """Return the screen this tablet is: the first that is declared, "" where none is."""
    screens = services.settings.screens
    return next((s.screen_id for s in screens if s.surface == "tablet"), "")
