"""The demo's buttons: what a hand does with a phone before a real kiosk. A shop has none."""

from flask import Response, request
from werkzeug.exceptions import NotFound

from edge.core.errors import RequestContractError
from edge.web.phone.visit import customer, phone, see
from edge.web.phone_ports import Demo

MAX_TEXT = 512


def hold() -> Response:
    """Hold the phone's code before the kiosk's camera."""
    body = request.get_json()
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not 0 < len(code) <= MAX_TEXT:
        msg = f"wanted a code of at most {MAX_TEXT} characters; load the page again"
        raise RequestContractError(msg)
    _stage().hold(code)
    return Response(status=204)


def near() -> Response:
    """Walk up to the kiosk with the phone."""
    _stage().come_near(customer())
    return see()


def _stage() -> Demo:
    stage = phone().services.demo
    if stage is None:
        raise NotFound
    return stage
