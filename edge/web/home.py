"""The first page: every screen of this appliance, how it is, and the demo's weather switch."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from edge.context.moment import Weather
from edge.web.commit import committed
from edge.web.health_words import health_lines
from edge.web.i18n import _, asked_language, speak, speech
from edge.web.parts import parts
from edge.web.ports import ContextFacts, Screen, Services

WEATHERS: Final = {
    "hot": Weather(temp_c=28.0, is_wet=False),
    "mild": Weather(temp_c=17.0, is_wet=False),
    "cold": Weather(temp_c=4.0, is_wet=True),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A screen on the list: where it is and what it is for."""

    kind: str
    name: str
    address: str
    picture: str = ""
    """The address of what stands for what is on the screen."""


def blueprint(services: Services) -> Blueprint:
    """Serve the first page and the weather switch of the demo."""
    pages = Blueprint("home", __name__)

    @pages.get("/")
    def first() -> str:
        speak(asked_language(services.site()))
        weather = services.context("signage").weather
        return render_template(
            "home/page.html",
            site=services.site(),
            cards=_cards(services),
            lines=health_lines(services.health(), speech()),
            weathers=tuple(WEATHERS),
            chosen=next((name for name, value in WEATHERS.items() if value == weather), None),
            version=services.settings.version,
        )

    @pages.post("/weather")
    def weather() -> Response:
        if not services.settings.is_demo:
            raise NotFound
        chosen = WEATHERS.get(request.form.get("weather", ""))
        if chosen is None:
            msg = f"wanted one of {', '.join(WEATHERS)}"
            raise BadRequest(msg)
        committed(services.set_context(ContextFacts(weather=chosen)))
        parts().boards.refresh()
        return make_response(redirect("/", HTTPStatus.SEE_OTHER))

    return pages


def _cards(services: Services) -> list[Card]:
    screens = services.settings.screens
    cards = [_card(services, screen) for screen in screens]
    if services.customers is not None:
        cards.append(Card("phone", _("a customer's"), "/p/", _first("art/show-code.svg")))
    return [card for card in cards if card is not None]


def _card(services: Services, screen: Screen) -> Card | None:
    if screen.surface == "kiosk":
        picture = _first("art/attract.svg")
        return Card("kiosk", screen.screen_id, f"/kiosk/?screen={screen.screen_id}", picture)
    if screen.surface == "signage":
        return _board_card(services, screen)
    if screen.surface == "tablet":
        return Card("tablet", screen.screen_id, "/tablet/", _first("art/guide-both.svg"))
    return None


def _board_card(services: Services, screen: Screen) -> Card:
    board = services.site().board(screen.board_id or screen.screen_id)
    name = speech().words(board.name) if board else screen.screen_id
    state = parts().boards.state(screen)
    shown = state.view.hero if state else None
    picture = (shown.picture if shown else None) or ""
    return Card("board", name, f"/board/{screen.screen_id}", picture)


def _first(name: str) -> str:
    assets = parts().assets
    return assets.url(name) if assets.has(name) else ""
