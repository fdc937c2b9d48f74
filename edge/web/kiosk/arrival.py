"""Before a visit: the first picture, and where to eat, in which language, known or not."""

from typing import Final

from flask import Blueprint, Response, render_template, request

from edge.catalog.order import Service
from edge.web.i18n import asked_language, speak
from edge.web.kiosk.request import COOKIE, go, keep_key, kiosk
from edge.web.kiosk.standing import standing_at
from edge.web.kiosk.visit import Stage
from edge.web.parts import parts

SERVICES: Final[dict[str, Service]] = {"eat_in": "eat_in", "take_away": "take_away"}


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/", "attract", attract)
    pages.add_url_rule("/start", "start", start)
    pages.add_url_rule("/start", "begin", begin, methods=["POST"])


def attract() -> str:
    """K1: the first picture. Nothing personal, and the whole screen is the target."""
    found = kiosk()
    screen_id = found.screen_id(request.args.get("screen"))
    # Whoever comes back to this page has left: what they did is not for the next person.
    found.end(request.cookies.get(COOKIE))
    found.leave(screen_id)
    site = found.services.site()
    speeches = parts().speeches
    return render_template(
        "kiosk/attract.html",
        site=site,
        screen_id=screen_id,
        greetings=[speeches.speech(site.header, name) for name in site.header.languages[1:3]],
        region=parts().region(),
    )


def start() -> str:
    """K2: eat in or take away, in which language. The visit begins with the answer."""
    found = kiosk()
    site = found.services.site()
    screen_id = found.screen_id(request.args.get("screen"))
    language = request.args.get("lang") or asked_language(site)
    speak(language)
    return render_template(
        "kiosk/start.html",
        site=site,
        screen_id=screen_id,
        stands=standing_at(found, screen_id),
        refusal=request.args.get("refused", ""),
        timers=found.services.settings.timers,
    )


def begin() -> Response:
    """Begin a visit with a new key; one that was going on in this browser ends.

    Whoever is recognised at the screen stays so; a product that was scanned opens at once.
    """
    found = kiosk()
    language = speak(request.form.get("lang")).language
    service = SERVICES.get(request.form.get("service", ""), "take_away")
    before = found.end(request.cookies.get(COOKIE), leaves=False)
    if before is not None and before.stage is Stage.DONE:
        found.leave(before.screen_id)  # they had their number: this is the next person
    visit = found.visits.begin(found.screen_id(request.form.get("screen")), language, service)
    sku = request.form.get("scanned", "")
    scanned = {"scanned": sku} if found.services.site().product(sku) else {}
    return keep_key(go("kiosk.menu", **scanned), visit)
