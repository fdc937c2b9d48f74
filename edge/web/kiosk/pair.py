"""Coming to a kiosk with a phone: its code for the phone, and the invitation that names nobody."""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from edge.web.i18n import speak
from edge.web.kiosk.known import standing_part
from edge.web.kiosk.order import CLOSE
from edge.web.kiosk.pairings import in_threes, picture
from edge.web.kiosk.request import asking, current, go, is_partial, kiosk, part


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/pair", "pair", pair_dialog)
    pages.add_url_rule("/pair.svg", "pair_picture", pair_picture)
    pages.add_url_rule("/invite", "invite", invite_dialog)
    pages.add_url_rule("/invite", "decline", decline, methods=["POST"])


def pair_dialog() -> ResponseReturnValue:
    """The ways to be recognised: show a code to the screen, or take the screen's with a phone.

    Each time it opens it makes a new pairing, and the one before ends.
    """
    found = kiosk()
    screen_id = asking(request.args.get("screen", ""))
    if not is_partial():
        return go("kiosk.start", screen=screen_id)
    recognition = found.services.recognition
    if recognition is None:
        raise NotFound
    if "lang" in request.args:
        speak(request.args["lang"])
    pairing = recognition.pair(screen_id)
    found.pairings.put(screen_id, pairing)
    left_s = max((pairing.expires_at - found.now()).total_seconds(), 0)
    return render_template(
        "kiosk/_pair.html",
        site=found.services.site(),
        screen_id=screen_id,
        code=in_threes(pairing.code),
        address=f"{urlsplit(pairing.url).netloc.lower()}/p/",
        left_ms=int(left_s * 1000),
    )


def pair_picture() -> Response:
    """The code of the pairing that the screen shows, as a picture nobody keeps."""
    found = kiosk()
    pairing = found.pairings.get(asking(request.args.get("screen", "")), found.now())
    if pairing is None:
        # Not as an error: those lead to the first screen, and a picture must not end a visit.
        return Response(status=HTTPStatus.NOT_FOUND)
    return Response(picture(pairing), content_type="image/svg+xml; charset=utf-8")


def invite_dialog() -> str:
    """What can be done about the invitation. It was opened by a touch; nothing says whose."""
    return render_template("kiosk/_invite.html", screen_id=current().screen_id)


def decline() -> Response:
    """No, thanks: the invitation does not come back in this visit."""
    visit = kiosk().change(lambda v: replace(v, has_declined=True))
    return part(standing_part(visit), events=(CLOSE,))
