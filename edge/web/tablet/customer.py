"""T4: a customer's card, while their own token lives.

Each ``GET`` of it is a look that is on disk before the card is: nothing fetches it ahead, no list
holds one, and a page that only wants to know whether the customer is still there asks ``lives``.

Source: screens.md, T4 and "Inactivity & privacy rules"; security.md T9, T10; decided.md 38.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from edge.core.errors import RequestContractError, UnavailableError
from edge.decide.values import Asked
from edge.identity.consent import Purpose
from edge.web import reasons
from edge.web.i18n import _, hour, speech
from edge.web.kiosk.cards import Shelf
from edge.web.phone.visit import screen_name
from edge.web.ports import Services
from edge.web.staff_ports import CustomerCard
from edge.web.tablet.guide import PLACEMENT, suggestions
from edge.web.tablet.session import somebody
from edge.web.tablet.told import told, why
from edge.web.tablet.view import left_ms, screen_id

FOLD: Final = timedelta(seconds=15)
"""Untouched so long, the page lets go of what it shows; showing it again is another look."""


def add(pages: Blueprint, services: Services) -> None:
    """Add the customer's card to the tablet's pages."""

    @pages.get("/customer/<presence_id>")
    def customer(presence_id: str) -> Response:
        looks_ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose")
        if request.method == "HEAD" or looks_ahead:
            return Response(status=HTTPStatus.NO_CONTENT)
        staff, session = somebody(services)
        try:
            card = staff.card(session, presence_id)
        except UnavailableError:
            return _not_now()
        except RequestContractError:  # the one thing it refuses: another look within the hour
            return _too_many()
        if card is None:
            return _gone()
        return make_response(_page(services, presence_id, card, session.name))

    @pages.get("/customer/<presence_id>/lives")
    def lives(presence_id: str) -> Response:
        staff, session = somebody(services)
        is_here = any(one.presence_id == presence_id for one in staff.presences(session))
        return Response(status=HTTPStatus.NO_CONTENT if is_here else HTTPStatus.GONE)

    @pages.post("/customer/<presence_id>/done")
    def let_go(presence_id: str) -> Response:
        staff, session = somebody(services)
        staff.let_go(session, presence_id)
        return make_response(redirect(url_for("tablet.now"), HTTPStatus.SEE_OTHER))


def _page(services: Services, presence_id: str, card: CustomerCard, shown_to: str) -> str:
    site, now = services.site(), services.clock()
    slate = services.serve(
        Asked(
            placement_id=PLACEMENT,
            screen_id=screen_id(services) or "tablet",
            recognised=card.recognised,
        )
    )
    daypart_id = services.context("tablet").daypart_id
    shelf = Shelf(site, services.sold_out(), daypart_id, frozenset())
    when = reasons.during(site, daypart_id, speech())
    return render_template(
        "tablet/customer.html",
        presence_id=presence_id,
        screen=screen_name(card.screen_id),
        name=card.greeting.name,
        told=told(card, site),
        uses_past_orders=Purpose.PAST_ORDERS in card.greeting.purposes,
        suggestions=suggestions(shelf, slate, lambda reason: why(reason, when)),
        slate=slate,
        left_ms=left_ms(card.until_at, now),
        fold_ms=FOLD // timedelta(milliseconds=1),
        shown_to=shown_to,
        shown_at=hour(now.astimezone(ZoneInfo(site.header.timezone)).time()),
    )


def _gone() -> Response:
    title = _("This customer has finished.")
    return _instead(title, _("What they shared has left this screen."), HTTPStatus.GONE)


def _too_many() -> Response:
    return _instead(
        _("You looked at many cards within the hour."),
        _("Wait a while, or let a colleague take over."),
        HTTPStatus.TOO_MANY_REQUESTS,
    )


def _not_now() -> Response:
    return _instead(
        _("This card cannot be shown right now."),
        _("Nobody could record that you looked. Ask what they like: the guide works."),
        HTTPStatus.SERVICE_UNAVAILABLE,
    )


def _instead(title: str, to_do: str, status: HTTPStatus) -> Response:
    page = render_template("tablet/no_customer.html", title=title, to_do=to_do)
    return make_response(page, status)
