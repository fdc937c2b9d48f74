"""The tablet that asks: its own key, and who is signed in on it.

Both are random keys in cookies that no script and no other site can reach. The tablet's goes to
the tablet's pages only; the session's also to the live stream, and for whoever may see them to
the operators' pages, because a cookie goes to the paths it names and to no other.

Source: security.md, "Roles for tablets and operators"; decided.md 38.
"""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from flask import Response, g, make_response, redirect, request
from werkzeug.exceptions import Forbidden

from edge.policy.roles import Action, may
from edge.web.api.callers import is_over_tls
from edge.web.guard import JSON
from edge.web.ports import Services
from edge.web.staff_ports import Staff, StaffSession

TABLET: Final = "edge_tablet"
SESSION: Final = "edge_staff"
PATH: Final = "/tablet"
STREAM: Final = "/live"
OPERATORS: Final = "/ops"
SIGN_IN: Final = "/tablet/sign-in"

LOCK: Final = timedelta(minutes=2)
"""Untouched so long, the page covers itself; the device ends the session by itself as well."""
KEEPS_KEY: Final = timedelta(days=395)
"""A tablet keeps its key from one signing in to the next; browsers keep none for longer."""

BY_ITSELF: Final = frozenset({"tablet.painted", "tablet.lives", "live.stream"})
"""Requests a page makes without a touch: they do not lengthen a session."""


def signed_in(services: Services) -> StaffSession | None:
    """Return who is signed in on the tablet that asks; a touch counts its time again."""
    if "staff_session" not in g:
        g.staff_session = _found(services.staff)
    session: StaffSession | None = g.staff_session
    return session


def somebody(services: Services) -> tuple[Staff, StaffSession]:
    """Return the team's desk and who is signed in.

    Raises:
        Forbidden: Nobody is; access.py lets nobody come so far.
    """
    staff, session = services.staff, signed_in(services)
    if staff is None or session is None:
        msg = "wanted somebody of the team who is signed in on this tablet; sign in"
        raise Forbidden(msg)
    return staff, session


def to_sign_in() -> Response:
    """Send whoever has to sign in first to where they can: a page, a part of one, or a script."""
    if request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": SIGN_IN})
    if request.mimetype == JSON:
        return Response(status=HTTPStatus.UNAUTHORIZED)
    return make_response(redirect(SIGN_IN, HTTPStatus.SEE_OTHER))


def keep_session(response: Response, session: StaffSession) -> Response:
    """Let the tablet hold the session's key, until the browser ends."""
    for path in _paths(session.role):
        _set(response, SESSION, session.key, path)
    return response


def drop_session(response: Response) -> Response:
    """Take the session's key away from the tablet."""
    for path in (PATH, STREAM, OPERATORS):
        response.delete_cookie(SESSION, path=path, httponly=True, samesite="Strict")
    return response


def keep_tablet(response: Response, key: str) -> Response:
    """Let the tablet hold its own key for a year from now."""
    _set(response, TABLET, key, PATH, KEEPS_KEY)
    return response


def _found(staff: Staff | None) -> StaffSession | None:
    key = request.cookies.get(SESSION)
    if staff is None or not key:
        return None
    # A session that was carried to another device is nobody's there.
    if request.blueprint == "tablet" and not staff.is_enrolled(request.cookies.get(TABLET)):
        return None
    is_touch = request.endpoint not in BY_ITSELF and request.args.get("by") != "live"
    return staff.session(key, touched=is_touch)


def _paths(role: str) -> Iterator[str]:
    yield from (PATH, STREAM)
    if may(role, Action.SEE_OPS):
        yield OPERATORS


def _set(
    response: Response, name: str, value: str, path: str, max_age: timedelta | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        path=path,
        max_age=max_age,
        httponly=True,
        samesite="Strict",
        secure=is_over_tls(),
    )
