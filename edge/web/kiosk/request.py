"""What the pages of the kiosk work with: the visit that asks, and how a page is answered."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Response, current_app, g, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from edge.catalog.product import Product
from edge.decide.values import Recognised
from edge.identity.presence import Presence
from edge.web.kiosk.cards import Shelf
from edge.web.kiosk.pairings import ShownPairings
from edge.web.kiosk.visit import Visit, presence_id
from edge.web.kiosk.visits import Change, Visits
from edge.web.parts import parts
from edge.web.ports import Services

KEY: Final = "edge.kiosk"
COOKIE: Final = "kiosk_visit"
PATH: Final = "/kiosk"


@dataclass(frozen=True, slots=True)
class Kiosk:
    """The kiosks of a device: their visits, and the functions they order with."""

    services: Services
    visits: Visits
    pairings: ShownPairings = field(default_factory=ShownPairings)

    def screen_ids(self) -> tuple[str, ...]:
        """Return the kiosk screens of this device; one stands for a device that names none."""
        named = (s.screen_id for s in self.services.settings.screens if s.surface == "kiosk")
        return tuple(named) or ("kiosk",)

    def screen_id(self, asked: str | None) -> str:
        """Return the kiosk screen that was asked for, else the first."""
        screens = self.screen_ids()
        return asked if asked in screens else screens[0]

    def shelf(self, visit: Visit) -> Shelf:
        """Return what decides which products ``visit`` sees."""
        return Shelf(
            site=self.services.site(),
            sold_out=self.services.sold_out(),
            daypart_id=self.services.context("kiosk").daypart_id,
            avoid=visit.avoid,
        )

    def product(self, sku: str) -> Product:
        """Return the product ``sku``.

        Raises:
            NotFound: There is none, as after a change of the catalog.
        """
        product = self.services.site().product(sku)
        if product is None:
            raise NotFound
        return product

    def change(self, change: Change) -> Visit:
        """Change the visit that asks.

        Raises:
            NotFound: It ended between this request's arrival and now.
        """
        changed = self.visits.change(current().key, change)
        if changed is None:
            raise NotFound
        g.visit = changed
        return changed

    def now(self) -> datetime:
        """Return the present moment."""
        return self.services.clock()

    def presence(self, screen_id: str) -> Presence | None:
        """Return who is recognised at a screen now; None where recognition is switched off."""
        recognition = self.services.recognition
        return recognition.presence(screen_id) if recognition else None

    def recognised(self, visit: Visit) -> Recognised | None:
        """Return what the next decision of ``visit`` may use of its visitor, read anew."""
        recognition = self.services.recognition
        if recognition is None or visit.presence is None:
            return None
        return recognition.recognised(visit.presence)

    def met(self, visit: Visit) -> Visit | None:
        """Return the visit with whoever is recognised at its screen; None when it is over."""
        presence = self.presence(visit.screen_id)
        if presence_id(visit.presence) == presence_id(presence):
            return visit
        return self.visits.meet(visit.key, presence)

    def leave(self, screen_id: str) -> None:
        """Let whoever is recognised at a screen go: nothing about them is for the next one."""
        self.pairings.drop(screen_id)
        if self.services.recognition is not None:
            self.services.recognition.leave(screen_id)

    def end(self, key: str | None, *, leaves: bool = True) -> Visit | None:
        """Forget a visit and its call for help; None when there was none.

        ``leaves`` is False where the same person goes on with a new visit.
        """
        visit = self.visits.end(key)
        if visit is not None:
            parts().help_desk.close(visit.screen_id)
            if leaves:
                self.leave(visit.screen_id)
        return visit


def kiosk() -> Kiosk:
    """Return the kiosks of the app that answers this request."""
    found: Kiosk = current_app.extensions[KEY]
    return found


def current() -> Visit:
    """Return the visit that asks.

    Raises:
        NotFound: There is none; pages that need one are only reached with one.
    """
    visit = visit_here()
    if visit is None:
        raise NotFound
    return visit


def visit_here() -> Visit | None:
    """Return the visit that asks, or None before one has begun."""
    visit: Visit | None = g.get("visit")
    return visit


def asking(screen_id: str) -> str:
    """Return the screen that asks: its visit's, or before a visit the one the page names."""
    visit = visit_here()
    return visit.screen_id if visit else kiosk().screen_id(screen_id)


def is_partial() -> bool:
    """Return whether htmx asks for a part of the page rather than a page."""
    return request.headers.get("HX-Request") == "true"


def go(endpoint: str, **values: object) -> Response:
    """Send the whole page to ``endpoint``, from a form or from htmx."""
    address = url_for(endpoint, **values)  # type: ignore[arg-type]
    if is_partial():
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def part(html: str, *, events: tuple[str, ...] = ()) -> Response:
    """Answer with a part of the page; ``events`` are raised in it after the swap."""
    response = make_response(html)
    if events:
        response.headers["HX-Trigger-After-Swap"] = json.dumps(dict.fromkeys(events, 1))
    return response


def keep_key(response: Response, visit: Visit) -> Response:
    """Let the browser hold the visit's key until the visit ends."""
    response.set_cookie(COOKIE, visit.key, path=PATH, httponly=True, samesite="Strict")
    return response


def drop_key(response: Response) -> Response:
    """Take everything of a visit away from the browser.

    ``Clear-Site-Data`` clears a host on all its ports, so it is only for a kiosk that has a
    browser of its own; a demo shares one with the other screens.
    """
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
    if not kiosk().services.settings.is_demo:
        response.headers["Clear-Site-Data"] = '"cookies", "storage", "cache"'
    return response
