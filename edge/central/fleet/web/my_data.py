"""``/my/``: "My data" outside the shop. The pages are the phone's own; here is only how a browser comes.

It shows that it holds a home key (``edge.identity.home_key``): in JSON, over TLS, with the tag that the
customer is found by. Nothing is said of whether a key is wrong or unknown, and no line of a log tells
who asked.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import NotFound

from edge.catalog.site import Site
from edge.central.fleet.web.words import LANGUAGES
from edge.central.my_data.menus import controller_of
from edge.central.my_data.own_data import CentralOwnData
from edge.core.errors import RequestContractError
from edge.identity.presence import Refusal
from edge.web.i18n import _, speak
from edge.web.phone.notice import UNSEEN_DAYS
from edge.web.phone.opening import MAX_TEXT
from edge.web.phone.own_pages import ME, add_own_pages, own_names
from edge.web.phone.visit import Desk, current, desk, keep_key
from edge.wire.canonical import parse_object

HOME: Final = "/my/"
LANGUAGE_COOKIE: Final = "edge_my_language"
_TAG: Final = re.compile(r"[0-9a-f]{32}")
_FOR_ANYBODY: Final = frozenset({"my.first", "my.prove", "my.nothing"})
"""They look at nobody's data, so a visit that is over is no matter to them."""
MAX_BYTES: Final = 4 * 1024
May = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Coming:
    """Whose data, and how often somebody may try to open it."""

    own: CentralOwnData
    may: May
    """Whether this sender may prove something now."""
    may_tag: May
    """Whether somebody may prove to be this customer now."""


def my_data(coming: Coming) -> Blueprint:
    """Serve the pages."""
    pages = Blueprint("my", __name__)
    own = coming.own
    languages = tuple(one for one in own.menus.languages if one in LANGUAGES) or LANGUAGES

    @pages.before_request
    def admit() -> None:
        chosen = (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
        found = next((language for language in chosen if language in languages), None)
        speak(found or request.accept_languages.best_match(languages))
        g.desk = _desk(own, own.menus.first)
        if request.endpoint not in _FOR_ANYBODY:
            g.desk = _desk(own, own.site(current()))

    @pages.after_request
    def keep_language(response: Response) -> Response:
        asked = request.args.get("lang")
        if asked in languages:
            response.set_cookie(
                LANGUAGE_COOKIE, asked, path="/my", httponly=True, samesite="Strict"
            )
        return response

    pages.context_processor(lambda: _frame(own, languages))
    pages.add_url_rule(HOME, "first", lambda: render_template("phone/my.html"))
    pages.add_url_rule(f"{HOME}prove", "prove", partial(_prove, coming), methods=["POST"])
    pages.add_url_rule(f"{HOME}<path:_other>", "nothing", _nothing)
    add_own_pages(pages, HOME)
    return pages


def _desk(own: CentralOwnData, site: Site) -> Desk:
    return Desk(own, site, controller_of(site), own.days_ahead, HOME, may_give=False)


def _frame(own: CentralOwnData, languages: tuple[str, ...]) -> dict[str, object]:
    # What the guard refused comes before a page's own desk.
    controller = desk().controller if "desk" in g else controller_of(own.menus.first)
    return {
        "home": HOME,
        "place": controller.name,
        "is_central": True,
        "at_home": None,
        "controller": controller,
        "group": 0,
        "languages": own_names(languages),
        "here": f"{HOME}{ME}" if request.endpoint == "my.my_data" else HOME,
        "unseen_days": UNSEEN_DAYS,
        "days_ahead": own.days_ahead,
        "is_on": True,
        "is_over": "over" in request.args,
        "shop_now_ms": None,
    }


def _prove(coming: Coming) -> Response:
    tag, code = _claim()
    if not (coming.may(request.remote_addr or "") and coming.may_tag(tag)):
        words = _("Too many tries. Wait a minute, then try again.")
        return make_response({"problem": words}, HTTPStatus.TOO_MANY_REQUESTS)
    answer = coming.own.prove(bytes.fromhex(tag), code)
    if isinstance(answer, Refusal):
        return make_response({"refusal": answer.value, "words": refused(answer)})
    return keep_key(make_response({"next": f"{HOME}{ME}"}), answer)


def _nothing(_other: str) -> Response:
    raise NotFound  # answered as a page of ours, not as one for ops


def refused(refusal: Refusal) -> str:
    """Return why a key opened nothing and what to do, in plain words."""
    match refusal:
        case Refusal.LATE | Refusal.EARLY:
            return _("This device's clock differs from ours. Set it to automatic, then try again.")
        case Refusal.UNKNOWN:
            return _(
                "This key opens nothing here: you were erased, or what you allowed in the shop has"
                " not arrived yet. Try again in a few minutes, or open this page anew from your"
                " phone's page in the shop."
            )
        case _:
            return _("That did not work this time. Try again in a moment.")


def _claim() -> tuple[str, str]:
    # Not Flask's reader: a deep nesting breaks it.
    said = parse_object(request.get_data(), max_bytes=MAX_BYTES, what="claim")
    tag, code = said.get("who"), said.get("code")
    is_tag = isinstance(tag, str) and bool(_TAG.fullmatch(tag))
    if not is_tag or not isinstance(code, str) or not 0 < len(code) <= MAX_TEXT:
        msg = "wanted a tag of 32 hexadecimal digits and a proof; load the page again"
        raise RequestContractError(msg)
    return str(tag), code
