"""``edge fleet status`` and what can be asked of one device."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, get_args

import click

from edge.central.fleet.devices import commands, configs
from edge.central.fleet.devices.shown import device_shown, devices_shown, fleet_shown
from edge.central.fleet.ops_options import (
    JSON,
    SETTINGS,
    WHO,
    looking,
    moment,
    print_json,
    print_pairs,
    print_table,
    printable,
)
from edge.central.fleet.server import published_rollouts
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, UnavailableError
from edge.wire.command import CommandName
from edge.wire.releases import target_path

_LOOK_AGAIN_S: Final = 0.2
DEVICE: Final = click.argument("device", metavar="NAME")
WAIT: Final = click.option(
    "--wait", "wait_s", type=float, default=30.0, show_default=True, help="Seconds for the answer."
)


@click.command()
@SETTINGS
@click.option("--devices", is_flag=True, help="List devices too.")
@click.option("--most", type=int, default=100, show_default=True, help="Devices at once.")
@click.option("--after", default="", help="Begin after this device.")
@JSON
def status(
    settings: CentralSettings, *, devices: bool, most: int, after: str, as_json: bool
) -> None:
    """Show the fleet: who is online, what serves, what is under way."""
    with looking(settings) as cur:
        found = fleet_shown(cur)
        listed = devices_shown(cur, most=most, after=after) if devices else []
    if as_json:
        print_json(found | ({"list": listed} if devices else {}))
        return
    click.echo(
        f"{found['devices']} devices in {found['sites']} sites: {found['online']} online, "
        f"{found['offline']} offline"
    )
    print_table("Serving", ("package", "release", "#devices"), _rows(found["serving"]))
    print_table("Phases", ("package", "phase", "reason", "#devices"), _rows(found["phases"]))
    if devices:
        names = ("device", "site", "ring", "is_online", "changed_at", "version")
        rows = [[_words(one[name]) for name in names] for one in listed]
        print_table("Devices", ("device", "site", "ring", "online", "since", "version"), rows)


@click.command()
@SETTINGS
@DEVICE
@JSON
def device(settings: CentralSettings, device: str, *, as_json: bool) -> None:
    """Show one device: what it said last, its releases, its commands."""
    with looking(settings) as cur:
        found = device_shown(cur, device)
    if as_json:
        print_json(found)
        return
    lists = ("releases", "commands")
    print_pairs(
        {
            name.replace("_", " "): _words(value)
            for name, value in found.items()
            if name not in lists
        }
    )
    columns = ("name", "serving", "release_id", "phase", "reason", "detail", "document_version")
    rows = [[one[name] for name in columns] for one in found["releases"]]
    print_table(
        "Releases", ("package", "serving", "release", "phase", "reason", "detail", "#doc"), rows
    )
    asked = [[_words(value) for value in one.values()] for one in found["commands"]]
    print_table("Commands", ("command", "who", "asked", "sent", "answered", "outcome"), asked)


@click.command()
@SETTINGS
@WHO
@DEVICE
@click.option("--lines", type=click.IntRange(1, 100), default=100, show_default=True)
@WAIT
@JSON
def logs(  # noqa: PLR0913 - each is an option of its own
    settings: CentralSettings, who: str, device: str, lines: int, *, wait_s: float, as_json: bool
) -> None:
    """Print the last lines of a device's log."""
    asked = commands.Asked(device, "log-tail", {"lines": lines}, who)
    result = _asked(settings, asked, wait_s)
    data = result.get("data")
    found = data.get("lines") if isinstance(data, dict) else None
    if as_json or not isinstance(found, list):
        print_json(result)
        return
    for line in found:
        click.echo(printable(str(line)))


@click.command()
@SETTINGS
@WHO
@DEVICE
@click.argument("name", type=click.Choice(get_args(CommandName)))
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="An argument.")
@WAIT
@JSON
def command(  # noqa: PLR0913 - each is an option of its own
    settings: CentralSettings,
    who: str,
    device: str,
    name: CommandName,
    given: Sequence[str],
    *,
    wait_s: float,
    as_json: bool,
) -> None:
    """Have a device do one thing, and print its answer."""
    asked = commands.Asked(device, name, _arguments(given), who)
    result = _asked(settings, asked, wait_s)
    if as_json:
        print_json(result)
        return
    said = f"{name}: {result.get('outcome', 'answered')} {result.get('detail', '')}"
    click.echo(printable(said).strip())
    if result.get("data"):
        print_json(result["data"])


@click.command()
@SETTINGS
@WHO
@DEVICE
@click.option("--package", required=True, help="The configuration's name, such as kiosk.")
@click.option("--version", required=True, help="Its version, such as 1.2.0.")
@JSON
def config(  # noqa: PLR0913 - each is an option of its own
    settings: CentralSettings, who: str, device: str, package: str, version: str, *, as_json: bool
) -> None:
    """Tell one device of the configuration that a rollout has for it, so that it looks now."""
    target = target_path("config", package, version)
    repository = published_rollouts(settings, system_clock)
    pointer = configs.Pointer(1, target, repository.digest(target))
    with looking(settings) as cur:
        configs.check_chosen(repository.rollout(package), target, configs.site_of(cur, device))
        configs.desire(cur, device, pointer, who, system_clock())
    if as_json:
        print_json({"device": device, "target": target, "digest": pointer.digest})
        return
    click.echo(f"{device} is to have {target}")


def _asked(settings: CentralSettings, asked: commands.Asked, wait_s: float) -> Mapping[str, Any]:
    """Return the answer to a command.

    Raises:
        UnavailableError: It was not sent, or not answered, in time.
    """
    with looking(settings) as cur:
        command_id = commands.ask(cur, asked, system_clock())
    until = system_clock() + timedelta(seconds=wait_s)
    while True:
        with looking(settings) as cur:
            found = commands.answer(cur, command_id)
        if found.result is not None:
            return found.result
        if system_clock() >= until:
            break
        time.sleep(_LOOK_AGAIN_S)
    if not found.is_sent:
        msg = (
            f"wanted {asked.name} sent to {asked.device}, got no server that sends; is it running?"
        )
        raise UnavailableError(msg)
    msg = f"wanted an answer of {asked.device} within {wait_s:g} s, got none; it may still come"
    raise UnavailableError(msg)


def _arguments(given: Sequence[str]) -> dict[str, str | int | bool]:
    found: dict[str, str | int | bool] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            msg = f"wanted NAME=VALUE for --set, got {one!r}"
            raise RequestContractError(msg)
        found[name] = _value(value)
    return found


def _value(text: str) -> str | int | bool:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.lstrip("-").isdecimal() else text


def _rows(found: Sequence[Mapping[str, object]]) -> list[list[object]]:
    return [list(one.values()) for one in found]


def _words(value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() if value[4:5] == "-" and "T" in value:
            return moment(value)
        case _:
            return value
