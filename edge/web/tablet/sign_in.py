"""T1: who signs in, and their PIN; before that, once, a code that makes this one of our tablets.

Where nobody needs to sign in (on the appliance, in a demo) the first page is what happens now,
and signing in is there for whoever wants to meet a customer.
"""

from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from edge.policy.roles import Action
from edge.web.access import may_do
from edge.web.guard import JSON
from edge.web.i18n import _, hour, speech
from edge.web.ports import Services
from edge.web.staff_ports import SignInRefused, Staff
from edge.web.tablet.now import now_page
from edge.web.tablet.session import (
    SESSION,
    TABLET,
    drop_session,
    keep_session,
    keep_tablet,
    signed_in,
)

PIN_DIGITS = (6, 12)
MAX_TYPED = 64
"""Characters of anything typed that are looked at."""


def add(pages: Blueprint, services: Services) -> None:
    """Add signing in and out to the tablet's pages."""
    pages.add_url_rule("/", "first", lambda: _first(services))
    pages.add_url_rule(
        "/sign-in", "sign_in", lambda: _sign_in_page(services), methods=["GET", "POST"]
    )
    pages.add_url_rule("/sign-out", "sign_out", lambda: _sign_out(services), methods=["POST"])
    pages.add_url_rule("/enrol", "enrol", lambda: _enrol(services), methods=["GET", "POST"])
    pages.add_url_rule("/alive", "alive", lambda: _alive(services), methods=["POST"])


def _first(services: Services) -> str:
    if may_do(services, Action.HELP_SHOPPERS):
        return now_page(services)
    if services.staff is None:
        msg = "wanted a tablet that is signed in; open it on the appliance itself"
        raise Forbidden(msg)
    return _lock_page(services.staff)


def _sign_in_page(services: Services) -> ResponseReturnValue:
    staff = _desk(services)
    return _sign_in(services, staff) if request.method == "POST" else _lock_page(staff)


def _sign_out(services: Services) -> Response:
    _desk(services).sign_out(request.cookies.get(SESSION))
    if request.mimetype == JSON:
        return drop_session(Response(status=HTTPStatus.NO_CONTENT))
    return drop_session(_see(url_for("tablet.first")))


def _alive(services: Services) -> Response:
    # That access.py found the session counted its time again; without one, the page locks.
    is_there = signed_in(services) is not None
    return Response(status=HTTPStatus.NO_CONTENT if is_there else HTTPStatus.UNAUTHORIZED)


def _desk(services: Services) -> Staff:
    if services.staff is None:
        raise NotFound
    return services.staff


def _lock_page(staff: Staff, problem: str = "", chosen: str = "") -> str:
    if not staff.is_enrolled(request.cookies.get(TABLET)):
        return _enrol_page(problem)
    return render_template(
        "tablet/sign_in.html",
        people=staff.people(),
        problem=problem,
        chosen=chosen,
        digits=PIN_DIGITS,
    )


def _sign_in(services: Services, staff: Staff) -> ResponseReturnValue:
    tablet = request.cookies.get(TABLET, "")
    user_id = request.form.get("user_id", "")[:MAX_TYPED]
    answer = staff.sign_in(tablet, user_id, request.form.get("pin", "")[:MAX_TYPED])
    if isinstance(answer, SignInRefused):
        locked = answer.locked_until is not None
        status = HTTPStatus.TOO_MANY_REQUESTS if locked else HTTPStatus.UNPROCESSABLE_ENTITY
        return drop_session(
            make_response(_lock_page(staff, _why(services, answer), user_id), status)
        )
    signed = keep_session(_see(url_for("tablet.now")), answer)
    return keep_tablet(signed, tablet)


def _why(services: Services, refused: SignInRefused) -> str:
    if refused.locked_until is not None:
        zone = ZoneInfo(services.site().header.timezone)
        until = hour(refused.locked_until.astimezone(zone).time())
        return _(
            "Too many wrong PINs. With this name, signing in here works again at %(time)s.",
            time=until,
        )
    if refused.tries_left == 0:
        return _("That PIN is not right.")
    tries = speech().ngettext("%(num)d try left.", "%(num)d tries left.", refused.tries_left)
    return f"{_('That PIN is not right.')} {tries}"


def _enrol(services: Services) -> ResponseReturnValue:
    staff = _desk(services)
    if request.method != "POST":
        return _enrol_page()
    key = staff.enrol_tablet(request.form.get("code", "")[:MAX_TYPED])
    if key is None:
        problem = _("This code enrols no tablet. A code works once, for half an hour.")
        return make_response(_enrol_page(problem), HTTPStatus.UNPROCESSABLE_ENTITY)
    return keep_tablet(_see(url_for("tablet.sign_in")), key)


def _enrol_page(problem: str = "") -> str:
    return render_template("tablet/enrol.html", problem=problem)


def _see(address: str) -> Response:
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))
