"""Who asks: their visit, their cookie, and the functions that pages of "My data" call."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Response, g, make_response, redirect, request

from edge.catalog.site import Controller, Site
from edge.web.my_data_ports import NotACustomerError, OwnData, PhoneVisit
from edge.web.phone_ports import Customers
from edge.web.ports import Services

COOKIE: Final = "edge_phone"
KEYLESS: Final = "edge_phone_keyless"
"""Set for a browser that consented and cannot keep a key: disconnecting erases."""
HOME: Final = "/p/"
"""Where the phone's pages begin in a shop."""
ON_THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Desk:
    """Where customers see to their data: at a shop's device, or at central."""

    own: OwnData
    site: Site
    """The shop whose names things have."""
    controller: Controller
    days_ahead: int
    """Days that a device without a network may go on recognising."""
    home: str = HOME
    """The address where its pages begin; cookies go nowhere else."""
    may_give: bool = True
    """Consent can be given here, to the words on the page; it can be taken back everywhere."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What the pages of the phone in a shop work with beyond that."""

    services: Services
    customers: Customers

    @property
    def site(self) -> Site:
        """Return the shop."""
        return self.services.site()


def desk() -> Desk:
    """Return where this request is answered."""
    found: Desk = g.desk
    return found


def phone() -> Phone:
    """Return what this request works with."""
    found: Phone = g.phone
    return found


def current() -> PhoneVisit | None:
    """Return the visit of the phone that asks; its time counts again from now."""
    if "phone_visit" not in g:
        g.phone_visit = desk().own.visit(request.cookies.get(COOKIE))
    visit: PhoneVisit | None = g.phone_visit
    return visit


def customer() -> PhoneVisit:
    """Return the visit of a customer.

    Raises:
        NotACustomerError: The visit is over, or nobody consented in it.
    """
    visit = current()
    if visit is None or not visit.is_customer:
        msg = "wanted a phone that is answered for a customer, got none; show the code again"
        raise NotACustomerError(msg)
    return visit


def is_keyless() -> bool:
    """Return whether the phone that asks consented without being able to keep a key."""
    return request.cookies.get(KEYLESS) == "1"


def keep_key(response: Response, visit: PhoneVisit) -> Response:
    """Let the phone hold the key of ``visit``, out of reach of scripts and other sites."""
    _set(response, COOKIE, visit.key)
    return response


def keep_keyless(response: Response) -> Response:
    """Remember for this visit that the browser keeps no key."""
    _set(response, KEYLESS, "1")
    return response


def drop_key(response: Response, home: str = "") -> Response:
    """Let the phone forget its visit at ``home``; nothing: at this request's desk."""
    for name in (COOKIE, KEYLESS):
        response.delete_cookie(
            name, path=_path(home or desk().home), httponly=True, samesite="Strict"
        )
    return response


def see(page: str = "") -> Response:
    """Send the phone to another of its pages ("me"); what it changed stays out of the address."""
    return make_response(redirect(f"{desk().home}{page}", HTTPStatus.SEE_OTHER))


def screen_name(screen_id: str) -> str:
    """Return a screen's id as a shopper reads it: "Kiosk 3"."""
    return screen_id.replace("-", " ").capitalize()


def _set(response: Response, name: str, value: str) -> None:
    host = request.host.rsplit(":", 1)[0].lower()
    # A phone reaches us over TLS; only the machine itself may do without (decided.md 34).
    response.set_cookie(
        name,
        value,
        path=_path(desk().home),
        httponly=True,
        samesite="Strict",
        secure=host not in ON_THIS_MACHINE,
    )


def _path(home: str) -> str:
    return home.rstrip("/")
