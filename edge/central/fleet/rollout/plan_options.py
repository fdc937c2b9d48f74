"""The options from which ``edge fleet rollout create`` makes a plan."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from pydantic import ValidationError

from edge.central.fleet.rollout.plan import OnFailure, Plan
from edge.core.errors import RequestContractError
from edge.wire.releases import target_path

_OPTIONS = (
    click.option("--version", required=True, help="Of the package, such as 1.2.0."),
    click.option(
        "--kind",
        type=click.Choice(["model", "content", "config"]),
        default="model",
        show_default=True,
        help="content: NAME is the shop; config: NAME is what update.config says on the device.",
    ),
    click.option("--canary", multiple=True, required=True, help="A site; may be repeated."),
    click.option("--id", "release_id", help="By what ops call it; default: NAME-VERSION."),
    click.option("--waves", default="1,5,25,100", show_default=True, help="Percent of sites."),
    click.option("--bake-minutes", type=int, help="Rest after the canary; default 1440."),
    click.option("--wave-minutes", type=int, help="The least a wave lasts; default 240."),
    click.option("--trial-minutes", type=int, help="A device's own trial; default 60."),
    click.option("--shadow-requests", type=int, help="Ranked beside, before the trial."),
    click.option("--finish-within-hours", type=int, help="Of being online; default 72."),
    click.option("--finished", type=int, help="Devices that must have finished; default 20."),
    click.option("--bad-percent", type=float, help="Of a wave that may fail; default 2."),
    click.option(
        "--take-rate-margin", type=float, help="Percent fewer takes that are allowed; default: any."
    ),
    click.option("--on-failure", type=click.Choice([one.value for one in OnFailure])),
)

_PLAIN = (
    *("bake_minutes", "wave_minutes", "trial_minutes", "shadow_requests"),
    "finish_within_hours",
)


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def plan_of(name: str, given: Mapping[str, Any]) -> Plan:
    """Return the plan that the options describe.

    Raises:
        RequestContractError: They describe none.
    """
    version = given["version"]
    release_id = given["release_id"] or f"{name}-{version}"
    values = {
        "name": name,
        "release": {
            "release_id": release_id,
            "target": target_path(given["kind"], name, version),
            "version": version,
        },
        "salt": release_id,
        "canary": given["canary"],
        "waves": _shares(given["waves"]),
        "gate": _gate(given),
    } | {option: given[option] for option in _PLAIN if given[option] is not None}
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"wanted a plan that holds, got {where or 'values'}: {first['msg']}"
        raise RequestContractError(msg) from error


def _gate(given: Mapping[str, Any]) -> dict[str, object]:
    gate = {
        "finished": given["finished"],
        "bad_share": _percent(given["bad_percent"]),
        "take_rate_margin": _percent(given["take_rate_margin"]),
        "on_failure": given["on_failure"],
    }
    return {name: value for name, value in gate.items() if value is not None}


def _shares(waves: str) -> tuple[float, ...]:
    try:
        return tuple(float(one) / 100 for one in waves.split(","))
    except ValueError as error:
        msg = f"wanted percentages such as 1,5,25,100 for --waves, got {waves!r}"
        raise RequestContractError(msg) from error


def _percent(value: float | None) -> float | None:
    return None if value is None else value / 100
