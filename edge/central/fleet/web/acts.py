"""The forms of the pages: each does one thing, in the name of who is signed in, and goes back."""

from functools import partial
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, request

from edge.central.fleet.web import doing
from edge.central.fleet.web.access import actor
from edge.core.errors import RequestContractError


def acts() -> Blueprint:
    """Return what is posted to a rollout, to all of them, or to a device."""
    forms = Blueprint("acts", __name__, url_prefix="/fleet")
    for act in doing.ACTS:
        path = f"/rollouts/<rollout_id>/{act}"
        forms.add_url_rule(path, act, partial(_done, act), methods=["POST"])

    @forms.post("/halt")
    def halt() -> Response:
        doing.halt(actor(), request.form.get("why", ""), halted=True)
        return _back("/fleet/rollouts")

    @forms.post("/unhalt")
    def unhalt() -> Response:
        doing.halt(actor(), request.form.get("why", ""), halted=False)
        return _back("/fleet/rollouts")

    @forms.post("/devices/<device>/command")
    def command(device: str) -> Response:
        doing.command(device, request.form.get("name", ""), actor())
        return _back(f"/fleet/devices/{device}#commands")

    return forms


def _done(act: str, rollout_id: str) -> Response:
    if act == "abort":
        typed = request.form.get("typed", "").strip()
        if typed != rollout_id:
            msg = f"wanted {rollout_id} typed to take everybody back from it, got {typed[:64]!r}"
            raise RequestContractError(msg)
    doing.do(act, rollout_id, actor(), request.form.get(doing.ACTS[act], ""))
    return _back(f"/fleet/rollouts/{rollout_id}")


def _back(where: str) -> Response:
    return make_response(redirect(where, HTTPStatus.SEE_OTHER))
