"""The kiosk: a shopper orders here, as a guest, and leaves nothing behind.

Every page but the first two belongs to a visit. A request without one (it ended, or the
service was restarted) goes to the first page; a shopper never sees an error.
"""

from http import HTTPStatus

from babel.core import Locale
from flask import Blueprint, Flask, Response, g, request
from flask.blueprints import BlueprintSetupState

from edge.web.i18n import speak
from edge.web.kiosk import arrival as kiosk_arrival
from edge.web.kiosk import codes as kiosk_codes
from edge.web.kiosk import control as kiosk_control
from edge.web.kiosk import details as kiosk_details
from edge.web.kiosk import hand_over as kiosk_hand_over
from edge.web.kiosk import known as kiosk_known
from edge.web.kiosk import order as kiosk_order
from edge.web.kiosk import pages as kiosk_pages
from edge.web.kiosk import pair as kiosk_pair
from edge.web.kiosk.request import COOKIE, KEY, Kiosk, drop_key, go, is_partial, kiosk
from edge.web.kiosk.screens import KioskScreens
from edge.web.kiosk.visit import Stage, Visit
from edge.web.kiosk.visits import Visits
from edge.web.ports import Services

OPEN = frozenset(
    "kiosk." + name
    for name in (
        *("attract", "start", "begin", "end"),
        *("scan", "here", "pair", "pair_picture", "refused", "leave"),
    )
)
"""Pages that need no visit."""

BY_ITSELF = frozenset(
    "kiosk." + name
    for name in ("seen", "alive", "stock", "help_status", "here", "standing", "pair_picture")
)
"""Requests a page makes without a touch: they do not lengthen a visit (alive says it does)."""

COMPOSING = frozenset({"kiosk.item", "kiosk.item_sum", "kiosk.line", "kiosk.scanned", "kiosk.pair"})
"""Pages on which something is read and composed, or a phone is taken out: a little more time."""

PARTS = (COMPOSING - {"kiosk.pair"}) | frozenset(
    "kiosk." + name
    for name in (
        *("why", "suggestions", "allergens", "language"),
        *("invite", "forget_dialog", "refused", "details", "standing"),
    )
)
"""Dialogs: asked for as a page (a reload), the menu stands behind where they would be."""

UNTOUCHED = frozenset({"stock", "live"})
"""Why a page asks again for what it shows, without a touch: ``?by=``."""

AFTERWARDS = OPEN | {"kiosk.done", "kiosk.alive", "kiosk.forget"}
"""What is left to do once an order has its number."""


def blueprint(services: Services) -> Blueprint:
    """Return the kiosk's pages; ``screens_of(app)`` gives what the supervisor calls."""
    found = Kiosk(services, Visits(services.clock, services.chance, services.settings.timers))
    pages = Blueprint("kiosk", __name__, url_prefix="/kiosk")
    pages.before_request(_meet)
    pages.record_once(lambda state: _keep(state, found))
    kiosk_arrival.add_to(pages)
    kiosk_pages.add_to(pages)
    kiosk_order.add_to(pages)
    kiosk_hand_over.add_to(pages)
    kiosk_control.add_to(pages)
    if services.recognition is not None:
        for module in (kiosk_codes, kiosk_pair, kiosk_known, kiosk_details):
            module.add_to(pages)
    return pages


def screens_of(app: Flask) -> KioskScreens:
    """Return the kiosk screens of ``app``: ``app/supervisor.py`` calls ``refresh()`` each second."""
    found: KioskScreens = app.extensions[KEY + ".screens"]
    return found


def _keep(state: BlueprintSetupState, found: Kiosk) -> None:
    app = state.app
    if not isinstance(app, Flask):
        return
    app.jinja_env.globals["language_name"] = _language_name
    app.jinja_env.globals["recognises"] = found.services.recognition is not None
    app.extensions[KEY] = found
    app.extensions[KEY + ".screens"] = KioskScreens(app, found)


def _language_name(language: str) -> str:
    """Return a language in its own words: "Deutsch"."""
    locale = Locale.parse(language, sep="-")
    return (locale.get_language_name() or language).capitalize()


def _meet() -> Response | None:
    """Find the visit that asks, count its time again, and speak its language."""
    key = request.cookies.get(COOKIE)
    visits = kiosk().visits
    endpoint = request.endpoint or ""
    is_touch = endpoint not in BY_ITSELF and request.args.get("by") not in UNTOUCHED
    stage = Stage.ITEM if endpoint in COMPOSING else Stage.ORDERING
    visit = visits.get(key)
    visit = kiosk().met(visit) if visit else None
    if visit is not None and is_touch and visit.stage is not Stage.DONE:
        visit = visits.touch(key, stage)
    g.visit = visit
    speak(visit.language if visit else None)
    if visit is None:
        return None if endpoint in OPEN else _lost()
    return _elsewhere(visit, endpoint)


def _elsewhere(visit: Visit, endpoint: str) -> Response | None:
    """Return where the visit belongs when it is not here."""
    if visit.stage is Stage.DONE and endpoint not in AFTERWARDS:
        return go("kiosk.done", number=visit.display_no)
    if endpoint in PARTS and request.method == "GET" and not is_partial():
        return go("kiosk.menu")
    return None


def _lost() -> Response:
    if request.mimetype == "application/json":
        return drop_key(Response(status=HTTPStatus.GONE))
    return drop_key(go("kiosk.attract"))
