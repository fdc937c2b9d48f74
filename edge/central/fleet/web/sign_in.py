"""Signing in at the pages with a token, and signing out; and the way to the first page."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request

from edge.central.fleet.web.access import COOKIE
from edge.central.fleet.web.parts import built
from edge.central.fleet.web.tries import Tries
from edge.web.i18n import _

_MOST = 200


def session() -> Blueprint:
    """Serve ``/``, ``/fleet/sign-in`` and ``/fleet/sign-out``."""
    pages = Blueprint("session", __name__)
    tries: list[Tries] = []

    @pages.get("/")
    def first() -> Response:
        return make_response(redirect("/fleet/", HTTPStatus.SEE_OTHER))

    @pages.get("/fleet/sign-in")
    def ask() -> str:
        return _form("")

    @pages.post("/fleet/sign-in")
    def sign_in() -> Response:
        if not tries:
            tries.append(Tries(built().parts.clock))
        if not tries[0].may(request.remote_addr or ""):
            words = _("Too many tries. Wait a minute, then try again.")
            return make_response(_form(words), HTTPStatus.TOO_MANY_REQUESTS)
        found = built().parts.people.of(request.form.get("token", "").strip()[:_MOST])
        if found is None:
            words = _("Nobody has this token. Check that all of it was copied.")
            return make_response(_form(words), HTTPStatus.FORBIDDEN)
        response = make_response(redirect("/fleet/", HTTPStatus.SEE_OTHER))
        response.set_cookie(
            COOKIE,
            built().sessions.begin(found),
            httponly=True,
            samesite="Strict",
            # Said by a proxy before us; whoever says so without one only binds themselves.
            secure=request.headers.get("X-Forwarded-Proto") == "https",
            path="/",
        )
        return response

    @pages.post("/fleet/sign-out")
    def sign_out() -> Response:
        built().sessions.end(request.cookies.get(COOKIE, ""))
        response = make_response(redirect("/fleet/", HTTPStatus.SEE_OTHER))
        response.delete_cookie(COOKIE, path="/", samesite="Strict")
        return response

    return pages


def _form(wrong: str) -> str:
    return render_template(
        "fleet/sign_in.html", wrong=wrong, is_anybody=built().parts.people.is_anybody
    )
