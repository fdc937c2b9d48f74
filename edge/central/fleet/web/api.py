"""The status interface for programs: what the pages show, as JSON, and what they can do.

Described by ``openapi.json`` beside this module. Whoever changes something shows a bearer token;
the name in the log is the token's.
"""

from functools import partial
from importlib.resources import files
from typing import Any

import orjson
from flask import Blueprint, Response, request

from edge.central.fleet.web import doing
from edge.central.fleet.web.access import actor
from edge.central.fleet.web.looking import Seen
from edge.central.fleet.web.models import signatures_shown
from edge.central.fleet.web.pages import (
    see_device,
    see_devices,
    see_models,
    see_rollout,
    see_rollouts,
    see_summary,
    wanted_of,
)
from edge.central.fleet.web.parts import built
from edge.core.errors import RequestContractError

PREFIX = "/api/fleet/v1"


def api() -> Blueprint:
    """Return the addresses below ``/api/fleet/v1``."""
    found = Blueprint("api", __name__, url_prefix=PREFIX)
    _add_reading(found)
    _add_acts(found)
    return found


def _add_reading(found: Blueprint) -> None:
    @found.get("/openapi.json")
    def openapi() -> Response:
        text = files("edge.central.fleet.web").joinpath("openapi.json").read_bytes()
        return Response(text, content_type="application/json")

    @found.get("/summary")
    def summary() -> dict[str, Any]:
        running = built().parts.running()
        listening = {"is_hearing": running.is_hearing, "is_alive": running.is_alive}
        return _seen(see_summary()) | {"server": listening}

    @found.get("/devices")
    def devices() -> dict[str, Any]:
        return _seen(see_devices(wanted_of(request.args)))

    @found.get("/devices/<device>")
    def device(device: str) -> dict[str, Any]:
        return _seen(see_device(device))

    @found.get("/rollouts")
    def rollouts() -> dict[str, Any]:
        return _seen(see_rollouts())

    @found.get("/rollouts/<rollout_id>")
    def rollout(rollout_id: str) -> dict[str, Any]:
        return _seen(see_rollout(rollout_id))

    @found.get("/models")
    def models() -> dict[str, Any]:
        parts = built().parts
        return _seen(see_models()) | {"signed": signatures_shown(parts.repository, parts.clock())}


def _add_acts(found: Blueprint) -> None:
    for act in doing.ACTS:
        path = f"/rollouts/<rollout_id>/{act}"
        found.add_url_rule(path, act, partial(_done, act), methods=["POST"])

    @found.post("/halt")
    def halt() -> dict[str, Any]:
        return {"names": doing.halt(actor(), _said(why="")["why"], halted=True)}

    @found.post("/unhalt")
    def unhalt() -> dict[str, Any]:
        return {"names": doing.halt(actor(), _said(why="")["why"], halted=False)}

    @found.post("/devices/<device>/commands")
    def command(device: str) -> tuple[dict[str, Any], int]:
        return {"command_id": doing.command(device, _said("name")["name"], actor())}, 202


def _done(act: str, rollout_id: str) -> dict[str, Any]:
    see_rollout(rollout_id)  # or 404
    match doing.ACTS[act]:
        case "plan":
            said = _said("plan")["plan"]
        case "why":
            said = _said(why="")["why"]
        case _:
            said = "".join(_said())
    doing.do(act, rollout_id, actor(), said)
    return _seen(see_rollout(rollout_id))


def _seen(seen: Seen[dict[str, Any]]) -> dict[str, Any]:
    """Return what was seen, and of when it is: a program must not take the old for the new."""
    return seen.value | {"as_of": seen.at.isoformat(), "is_stale": seen.is_stale}


def _said(*needed: str, **otherwise: str) -> dict[str, str]:
    """Return the texts of a request's body; unknown members are refused."""
    try:
        body = orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        msg = f"wanted a JSON object, got something else: {error}"
        raise RequestContractError(msg) from error
    allowed = {*needed, *otherwise}
    is_right = isinstance(body, dict) and set(needed) <= set(body) <= allowed
    if not is_right or not all(isinstance(value, str) for value in body.values()):
        msg = (
            f"wanted an object of texts with {', '.join(sorted(allowed)) or 'nothing'}, got another"
        )
        raise RequestContractError(msg)
    said: dict[str, str] = otherwise | body
    return said
