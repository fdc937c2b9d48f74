"""P2: the customer's card: the screen it is linked to, their rotating code, today's offers."""

from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from edge.identity.consent import Purpose
from edge.web.my_data_ports import PhoneVisit
from edge.web.phone import leaving
from edge.web.phone.consent import consent_page
from edge.web.phone.offers import offers
from edge.web.phone.opening import start
from edge.web.phone.visit import (
    current,
    customer,
    is_keyless,
    keep_key,
    phone,
    screen_name,
    see,
)

MAX_ID = 64


@dataclass(frozen=True, slots=True)
class Link:
    """Where the phone is: at a screen, near some, at none, or just gone from one."""

    screen_id: str | None
    near: tuple[str, ...]
    finished: str
    """The screen that ended it, "" where none did."""
    is_over: bool = False


def home() -> Response:
    """Return the page that fits the phone: its card, the question for consent, or the start."""
    visit = current()
    if visit is None:
        return start()
    if not visit.is_customer:
        return make_response(consent_page(visit))
    mine = phone().customers.my_data(visit)
    page = render_template(
        "phone/card.html",
        link=_link(visit),
        offers=offers(phone()) if Purpose.PHONE_OFFERS in mine.purposes else None,
        is_keyless=is_keyless(),
        has_left="left" in request.args,
    )
    return make_response(page)


def link() -> str:
    """Return the part of the card that changes by itself: what the phone is linked to."""
    visit = current()
    if visit is None or not visit.is_customer:
        return render_template("phone/_link.html", link=Link(None, (), "", is_over=True))
    return render_template("phone/_link.html", link=_link(visit))


def here() -> Response:
    """Confirm "I am at this screen": a beacon alone never says so."""
    visit = phone().customers.tap(customer(), request.form.get("screen", "")[:MAX_ID])
    return keep_key(see(), visit)


def disconnect() -> Response:
    """End the visit at the screen; a browser that keeps no key is erased with it."""
    visit = customer()
    if is_keyless():
        return leaving.erase()
    return keep_key(see("?left=1"), phone().customers.disconnect(visit))


def offers_part() -> Response:
    """Return today's offers, for those who asked to be told of them."""
    mine = phone().customers.my_data(customer())
    if Purpose.PHONE_OFFERS not in mine.purposes:
        return Response(status=204)
    return make_response(render_template("phone/_offers.html", offers=offers(phone())))


def _link(visit: PhoneVisit) -> Link:
    linked = phone().customers.my_data(visit).linked_screen
    was = request.args.get("was", "")[:MAX_ID]
    screens = {screen.screen_id for screen in phone().services.settings.screens}
    finished = screen_name(was) if not linked and was in screens else ""
    near = phone().customers.near(visit)
    return Link(linked, tuple(s for s in near if s != linked), finished)
