"""P1: ask for consent, and take the answer. No is as near as yes and leaves nothing behind.

A phone that keeps a key sends it with its first yes, once. A browser without scripts cannot
keep one: its yes holds for this visit, under a key that is thrown away here, and disconnecting
erases it.
"""

from http import HTTPStatus

from flask import Response, make_response, render_template

from edge.web.i18n import _, speak
from edge.web.my_data_ports import NotACustomerError, PhoneVisit
from edge.web.phone import notice
from edge.web.phone.answer import Answer, answered, is_json
from edge.web.phone.visit import (
    current,
    desk,
    keep_key,
    keep_keyless,
    phone,
    screen_name,
    see,
)
from edge.web.phone_ports import Enrolment

KEY_BYTES = 32


def consent_page(visit: PhoneVisit, problem: str = "") -> str:
    """Return the page that asks, with what was wrong with an answer before."""
    return render_template(
        "phone/consent.html",
        page=notice.consent_page(desk()),
        problem=problem,
        screen=screen_name(visit.screen_id) if visit.screen_id else "",
    )


def consent() -> Response:
    """Take the answer: record it, or say what is missing."""
    visit = current()
    if visit is None:
        msg = "wanted a phone that opened a pairing, got none; scan the kiosk's code again"
        raise NotACustomerError(msg)
    answer = answered()
    shown_in = notice.language_of(answer.proof)
    if shown_in:
        speak(shown_in)
    page = notice.consent_page(desk())
    problem = _problem(answer, page)
    if problem:
        return _ask_again(visit, problem)
    key = answer.beacon_key or phone().services.chance(KEY_BYTES)
    enrolment = Enrolment(
        purposes=answer.purposes if answer.is_yes else frozenset(),
        beacon_key=key if answer.is_yes else b"",
        notice=page.notice,
        is_over_age=answer.is_over_age,
    )
    kept = phone().customers.enrol(visit, enrolment)
    response = keep_key(_next("" if answer.is_yes else "declined"), kept)
    is_without_key = answer.is_yes and answer.beacon_key is None
    return keep_keyless(response) if is_without_key else response


def declined() -> str:
    """Say that nothing is kept, and that nothing is lost by it."""
    return render_template("phone/declined.html")


def _problem(answer: Answer, page: notice.Page) -> str:
    if not answer.is_yes:
        return ""
    if answer.proof != page.proof:
        return _("These words changed a moment ago. Please read them again, then answer.")
    if not answer.purposes:
        return _("Nothing is ticked. Tick what we may use, or choose “No, thank you”.")
    if not answer.is_over_age:
        return _("Please confirm your age, or choose “No, thank you”.")
    return ""


def _ask_again(visit: PhoneVisit, problem: str) -> Response:
    if is_json():
        return make_response({"problem": problem})
    page = consent_page(visit, problem)
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _next(page: str) -> Response:
    return make_response({"next": f"{desk().home}{page}"}) if is_json() else see(page)
