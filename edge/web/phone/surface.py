"""The phone: consent, the rotating code, my data. Served to the customer's own browser.

Every page works without a script but the code itself, and no page is kept by a browser or a
cache. What the phone keeps is its own key, a cookie for this visit, and a shell without data.
"""

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from edge.web.i18n import asked_language, speak
from edge.web.phone import card, consent, demo, offline, opening
from edge.web.phone.notice import UNSEEN_DAYS
from edge.web.phone.own_pages import ME, add_own_pages, own_names
from edge.web.phone.visit import HOME, Desk, Phone
from edge.web.ports import Services

LANGUAGE = "edge_phone_language"
OWN_ADDRESS = {"phone.my_data": f"{HOME}{ME}"}
"""Pages that stay themselves when the language is switched; the others begin anew."""


def blueprint(services: Services) -> Blueprint:
    """Serve the phone's pages; without recognition there are none."""
    pages = Blueprint("phone", __name__)

    @pages.before_request
    def admit() -> None:
        speak(_language(services))
        controller = services.site().header.controller
        if services.customers is None or controller is None:
            raise NotFound
        g.phone = Phone(services, services.customers)
        ahead = services.settings.day_keys_ahead
        g.desk = Desk(services.customers, services.site(), controller, ahead)

    @pages.after_request
    def keep_language(response: Response) -> Response:
        asked = request.args.get("lang")
        if asked in services.site().header.languages:
            response.set_cookie(LANGUAGE, asked, path="/p", httponly=True, samesite="Strict")
        return response

    @pages.context_processor
    def frame() -> dict[str, object]:
        header = services.site().header
        return {
            "home": HOME,
            "place": header.name,
            "is_central": False,
            "at_home": header.my_data_at_home,
            "controller": header.controller,
            "group": services.settings.recognition_group,
            "languages": own_names(header.languages),
            "here": OWN_ADDRESS.get(request.endpoint or "", HOME),
            "unseen_days": UNSEEN_DAYS,
            "is_on": "phone" in g,
            "is_over": "over" in request.args,
            "stage": services.demo,
            # Only where the shop's clock was moved: codes are made for the phone's own time.
            "shop_now_ms": int(services.clock().timestamp() * 1000) if services.demo else None,
        }

    add_own_pages(pages, HOME)
    _add_pages(pages)
    return pages


def _add_pages(pages: Blueprint) -> None:
    get, post = ["GET"], ["POST"]
    for address, name, view, methods in (
        ("/p/", "home", card.home, get),
        ("/P/<token>", "open_capitals", opening.open_link, get),
        ("/p/<token>", "open", opening.open_link, get),
        ("/p/code", "open_code", opening.open_code, post),
        ("/p/prove", "prove", opening.prove, post),
        ("/p/consent", "consent", consent.consent, post),
        ("/p/declined", "declined", consent.declined, get),
        ("/p/link", "link", card.link, get),
        ("/p/here", "here", card.here, post),
        ("/p/disconnect", "disconnect", card.disconnect, post),
        ("/p/offers", "offers", card.offers_part, get),
        ("/p/demo/hold", "demo_hold", demo.hold, post),
        ("/p/demo/near", "demo_near", demo.near, post),
        ("/p/shell", "shell", offline.shell, get),
        ("/p/worker.js", "worker", offline.worker, get),
        ("/p/manifest.webmanifest", "manifest", offline.manifest, get),
    ):
        pages.add_url_rule(address, name, view, methods=methods)


def _language(services: Services) -> str | None:
    known = services.site().header.languages
    chosen = (request.args.get("lang"), request.cookies.get(LANGUAGE))
    found = next((language for language in chosen if language in known), None)
    return found or asked_language(services.site())
