"""The pages that ops look at. None of them changes anything."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, request

from edge.central.fleet.rollout.shown import document_of, lines_shown, looked_at, rollouts_shown
from edge.central.fleet.web import standing
from edge.central.fleet.web.delivery import delivery_shown
from edge.central.fleet.web.doing import COMMANDS
from edge.central.fleet.web.looking import Seen
from edge.central.fleet.web.models import models_shown, signatures_shown
from edge.central.fleet.web.one_device import device_page
from edge.central.fleet.web.parts import built
from edge.central.fleet.web.standing import STANDINGS, Wanted
from edge.central.fleet.web.summary import summary
from edge.central.fleet.web.waves import waves_shown
from edge.central.postgres import Cursor
from edge.core.errors import RequestContractError

_MOST_WORDS = 64


def pages() -> Blueprint:
    """Return the pages below ``/fleet``."""
    found = Blueprint("fleet", __name__, url_prefix="/fleet")

    @found.get("/")
    def overview() -> str:
        seen = see_summary()
        moving = built().looking.see("rollouts", _moving)
        return _page("overview", seen, moving=moving.value)

    @found.get("/devices")
    def devices() -> str:
        wanted = wanted_of(request.args)
        return _page("devices", see_devices(wanted), wanted=wanted, standings=STANDINGS)

    @found.get("/devices/<device>")
    def device(device: str) -> str:
        return _page("device", see_device(device), device=device, commands=COMMANDS)

    @found.get("/rollouts")
    def rollouts() -> str:
        return _page("rollouts", see_rollouts())

    @found.get("/rollouts/<rollout_id>")
    def rollout(rollout_id: str) -> str:
        return _page("rollout", see_rollout(rollout_id))

    @found.get("/models")
    def models() -> str:
        parts = built().parts
        signed = signatures_shown(parts.repository, parts.clock())
        return _page("models", see_models(), signed=signed)

    @found.get("/delivery")
    def delivery() -> str:
        return _page("delivery", see_delivery())

    return found


# ---- what is seen, for pages and for the status interface ----------------------------------


def see_summary() -> Seen[dict[str, Any]]:
    """Return the whole fleet in figures."""
    parts = built().parts
    return _see("summary", lambda cur: summary(cur, parts.tenant, parts.clock()))


def see_devices(wanted: Wanted) -> Seen[dict[str, Any]]:
    """Return a page of devices."""
    return _see(
        f"devices {wanted}", lambda cur: standing.devices(cur, wanted, built().parts.clock())
    )


def see_device(device: str) -> Seen[dict[str, Any]]:
    """Return one device, or end the request with 404."""
    parts = built().parts
    seen = _see(
        f"device {device}", lambda cur: device_page(cur, device, parts.tenant, parts.clock())
    )
    if seen.value is None:
        abort(404, f"wanted a device of this fleet, got {device[:60]!r}")
    return seen


def see_rollouts() -> Seen[dict[str, Any]]:
    """Return every rollout and every package name."""
    return _see(
        "all rollouts", lambda cur: {"rollouts": rollouts_shown(cur), "names": lines_shown(cur)}
    )


def see_rollout(rollout_id: str) -> Seen[dict[str, Any]]:
    """Return one rollout, or end the request with 404."""
    try:
        return _see(f"rollout {rollout_id}", lambda cur: _rollout(cur, rollout_id))
    except RequestContractError as error:
        abort(404, str(error))


def see_models() -> Seen[dict[str, Any]]:
    """Return what serves where."""
    return _see("models", lambda cur: {"models": models_shown(cur)})


def see_delivery() -> Seen[dict[str, Any]]:
    """Return how events arrive."""
    parts = built().parts
    return _see("delivery", lambda cur: delivery_shown(cur, parts.tenant, parts.clock()))


def wanted_of(args: Any) -> Wanted:  # noqa: ANN401 - werkzeug's MultiDict
    """Return which devices a request asks for."""
    state = args.get("state", "")
    known = (*STANDINGS, "problem")
    return Wanted(
        state=state if state in known else "",
        words=args.get("q", "").strip().lower()[:_MOST_WORDS],
        release=args.get("release", "")[:_MOST_WORDS],
        version=args.get("version", "")[:_MOST_WORDS],
        after=args.get("after", "")[:_MOST_WORDS],
        tenant=built().parts.tenant,
    )


def _see(name: str, look: Callable[[Cursor], Any]) -> Seen[Any]:
    return built().looking.see(name, look)


def _rollout(cur: Cursor, rollout_id: str) -> dict[str, Any]:
    state, counts = looked_at(cur, rollout_id, built().parts.clock())
    return document_of(cur, state, counts) | {"picture": waves_shown(cur, state, counts)}


def _moving(cur: Cursor) -> list[dict[str, Any]]:
    """Return the rollouts that are not over, with their pictures, and the last that ended."""
    known = rollouts_shown(cur)
    is_open = [one for one in known if one["stage"] not in ("complete", "aborted")]
    chosen = is_open[:4] or known[:1]
    return [_rollout(cur, one["rollout_id"]) for one in chosen]


def _page(name: str, seen: Seen[dict[str, Any]], **more: object) -> str:
    parts = built().parts
    return render_template(
        f"fleet/{name}.html",
        here=name,
        seen=seen,
        found=seen.value,
        now=parts.clock(),
        running=parts.running(),
        people=parts.people,
        **more,
    )
