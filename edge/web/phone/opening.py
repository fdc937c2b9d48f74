"""How a phone comes to a screen: the link in the kiosk's code, six characters, or its own key.

Opening has an effect, so it is done for a person who follows the link, and not for a browser
that looks ahead or asks only for the headers.
"""

from http import HTTPStatus
from typing import Final

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from edge.core.errors import RequestContractError
from edge.identity.presence import Refusal
from edge.web.i18n import _
from edge.web.phone.visit import HOME, current, keep_key, phone, see

TOKEN_CHARACTERS: Final = 20
"""In base32 (decided.md 32)."""
MAX_TEXT: Final = 512
"""Longest code that is read at all (security.md, "Recognition")."""


def start(problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the first page: six characters to type, and the card of a phone with a key."""
    shown = render_template("phone/start.html", problem=problem, is_shell=False)
    return make_response(shown, status)


def open_link(token: str) -> Response:
    """Take up the pairing of the kiosk's code."""
    looks_ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose")
    if request.method == "HEAD" or looks_ahead:
        return Response(status=HTTPStatus.NO_CONTENT)
    if len(token) != TOKEN_CHARACTERS:
        raise NotFound
    visit = phone().customers.open_pairing(token.upper())
    if visit is None:
        return start(
            _(
                "This link is over. It opens once, within a minute. Touch “Use my tastes” on the"
                " kiosk again and scan the new code."
            ),
            HTTPStatus.GONE,
        )
    return keep_key(see(), visit)


def open_code() -> Response:
    """Take up a pairing by the six characters beside the kiosk's code."""
    typed = "".join(request.form.get("code", "").upper().split())
    visit = phone().customers.open_pairing(typed[:MAX_TEXT]) if typed else None
    if visit is None:
        return start(
            _(
                "This code opens nothing. It holds for a minute: look at the kiosk again and type"
                " what it shows now."
            ),
            HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    return keep_key(see(), visit)


def prove() -> Response:
    """Answer a phone that proves with a fresh proof, which is never drawn, that it holds a key."""
    body = request.get_json()
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not 0 < len(code) <= MAX_TEXT:
        msg = f"wanted a code of at most {MAX_TEXT} characters; load the page again"
        raise RequestContractError(msg)
    visit = current()
    paired = visit if visit and not visit.is_customer else None
    answer = phone().customers.prove(code, paired)
    if isinstance(answer, Refusal):
        return make_response({"refusal": answer.value, "words": refused(answer)})
    return keep_key(make_response({"next": HOME}), answer)


def refused(refusal: Refusal) -> str:
    """Return why a code opened nothing and what to do, in plain words."""
    clock = _("Your phone's clock differs from ours. Set it to automatic, then try again.")
    again = _("That did not work this time. Try again in a moment.")
    words = {
        Refusal.LATE: clock,
        Refusal.EARLY: clock,
        Refusal.OTHER_GROUP: _("Your key belongs to another group of shops. Link this one anew."),
        Refusal.UNKNOWN: _(
            "This shop does not know your key (any more): you erased it, it ran out, or it has"
            " not arrived here yet. Link your phone anew at a kiosk."
        ),
        Refusal.EXPIRED: _("Your key has run out. Link your phone anew at a kiosk."),
    }
    return words.get(refusal, again)
