"""The phone: consent, the rotating code, my data. Served to the customer's own browser.

Every page works without a script but the code itself, and no page is kept by a browser or a
cache. What the phone keeps is its own key, a cookie for this visit, and a shell without data.
"""

from babel import Locale
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from edge.web.i18n import asked_language, speak, speech
from edge.web.phone import (
    card,
    consent,
    demo,
    downloads,
    leaving,
    my_data,
    offline,
    opening,
    troubles,
)
from edge.web.phone.my_data_view import moment_words, until_words
from edge.web.phone.notice import UNSEEN_DAYS
from edge.web.phone.visit import PATH, Phone, screen_name
from edge.web.ports import Services

LANGUAGE = "edge_phone_language"
OWN_ADDRESS = {"phone.my_data": "/p/me"}
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
        g.phone = Phone(services, services.customers, controller)

    @pages.after_request
    def keep_language(response: Response) -> Response:
        asked = request.args.get("lang")
        if asked in services.site().header.languages:
            response.set_cookie(LANGUAGE, asked, path=PATH, httponly=True, samesite="Strict")
        return response

    @pages.context_processor
    def frame() -> dict[str, object]:
        header = services.site().header
        return {
            "site": services.site(),
            "controller": header.controller,
            "group": services.settings.recognition_group,
            "languages": [(code, _own_name(code)) for code in header.languages],
            "here": OWN_ADDRESS.get(request.endpoint or "", "/p/"),
            "unseen_days": UNSEEN_DAYS,
            "is_on": "phone" in g,
            "is_over": "over" in request.args,
            "stage": services.demo,
            # Only where the shop's clock was moved: codes are made for the phone's own time.
            "shop_now_ms": int(services.clock().timestamp() * 1000) if services.demo else None,
        }

    pages.add_app_template_filter(screen_name)
    pages.add_app_template_filter(until_words, "day")
    pages.add_app_template_filter(moment_words, "day_and_hour")
    troubles.install(pages)
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
        ("/p/me", "my_data", my_data.my_data, get),
        ("/p/change", "change", my_data.change, post),
        ("/p/purposes", "purposes", my_data.set_purposes, post),
        ("/p/erase", "erase", leaving.erase, post),
        ("/p/unlink", "unlink", leaving.unlink, post),
        ("/p/export.json", "export_json", downloads.export_json, get),
        ("/p/export.html", "export_html", downloads.export_html, get),
        ("/p/receipt.json", "receipt", downloads.receipt, get),
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


def _own_name(code: str) -> str:
    locale = Locale.parse(code, sep="-")
    return str(locale.get_display_name(locale) or speech().language).capitalize()
