"""The associate's tablet: who needs help now, what is sold out, the weather, guided selling.

Nothing here shows or keeps anything about a shopper. The guide's answers travel in its
addresses and end with it.
"""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Forbidden

from edge.context.moment import Weather
from edge.core.errors import RequestContractError
from edge.web.api.callers import is_from_here
from edge.web.commit import committed
from edge.web.i18n import asked_language, speak
from edge.web.parts import parts
from edge.web.ports import ContextFacts, Services
from edge.web.tablet import guide as tablet_guide
from edge.web.tablet import stock as tablet_stock
from edge.web.tablet.view import now_view, screen_id

TEMPERATURES_C = (-5, 0, 5, 10, 15, 20, 25, 30)
"""What an associate can say by one touch; offers ask for no finer weather."""


def blueprint(services: Services) -> Blueprint:
    """Serve the tablet."""
    pages = Blueprint("tablet", __name__, url_prefix="/tablet")

    @pages.before_request
    def admit() -> None:
        # The PIN comes with the next issue; until then only the appliance itself and a demo.
        if not services.settings.is_demo and not is_from_here():
            msg = "wanted a tablet that is signed in; open it on the appliance itself"
            raise Forbidden(msg)
        speak(asked_language(services.site()))

    @pages.context_processor
    def frame() -> dict[str, object]:
        site = services.site()
        waiting = sum(call.seen_at is None for call in parts().help_desk.open())
        return {
            "site": site,
            "region": parts().region(),
            "screen_id": screen_id(services),
            "waiting": waiting,
        }

    @pages.get("/")
    @pages.get("/now")
    def now() -> str:
        view = now_view(services, parts().help_desk)
        return render_template("tablet/now.html", view=view, temperatures=TEMPERATURES_C)

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

    tablet_guide.add(pages, services)
    tablet_stock.add(pages, services)
    return pages


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
