"""T2: calls for help first, then who shares their tastes where, what is sold out, the weather."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from edge.context.moment import Weather
from edge.core.errors import RequestContractError
from edge.policy.roles import Action
from edge.web.access import may_do
from edge.web.commit import committed
from edge.web.parts import parts
from edge.web.ports import ContextFacts, Services
from edge.web.tablet.session import signed_in
from edge.web.tablet.view import now_view

TEMPERATURES_C = (-5, 0, 5, 10, 15, 20, 25, 30)
"""What an associate can say by one touch; offers ask for no finer weather."""


def add(pages: Blueprint, services: Services) -> None:
    """Add what happens now to the tablet's pages."""

    @pages.get("/now")
    def now() -> str:
        return now_page(services)

    @pages.post("/ack-help")
    def acknowledge() -> Response:
        parts().help_desk.acknowledge(request.form.get("help_id", ""))
        return _see(url_for("tablet.now"))

    @pages.post("/close-help")
    def close() -> Response:
        parts().help_desk.close(request.form.get("screen_id", ""))
        return _see(url_for("tablet.now"))

    @pages.post("/weather")
    def weather() -> Response:
        facts = ContextFacts(weather=Weather(_temperature(), "wet" in request.form))
        committed(services.set_context(facts))
        return _see(url_for("tablet.now"))


def now_page(services: Services) -> str:
    """Return the page; customers are on it only for who is signed in and may see their cards."""
    session = signed_in(services) if may_do(services, Action.SEE_PRESENCES) else None
    view = now_view(services, parts().help_desk, session)
    return render_template("tablet/now.html", view=view, temperatures=TEMPERATURES_C)


def _temperature() -> float:
    try:
        found = float(request.form.get("temp_c", ""))
    except ValueError as error:
        msg = "wanted a temperature in degrees Celsius; choose one of those offered"
        raise BadRequest(msg) from error
    if found not in TEMPERATURES_C:
        msg = f"wanted one of {TEMPERATURES_C} degrees, got {found}"
        raise RequestContractError(msg)
    return found


def _see(address: str) -> Response:
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))
