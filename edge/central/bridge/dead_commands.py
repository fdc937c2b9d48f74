"""``edge bridge dead``: look at what could not be taken, try it again, or forget it."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from edge.central.bridge.command_options import config_option, platform_of
from edge.central.bridge.dead_letters import Kept, drop, letter, letters
from edge.central.bridge.follows import follows
from edge.central.bridge.retrying import Sinks, retry
from edge.central.bridge.tables import opened
from edge.central.customers.part import customers_part
from edge.central.fleet.ops_options import print_table, printable
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError
from edge.wire.cloudevents import rfc3339

_SHOWN_BYTES = 4096

numbers_argument = click.argument("numbers", type=int, nargs=-1, required=True)


@click.group()
def dead() -> None:
    """Look at dead letters, try them again, or forget them."""


@dead.command("list")
@config_option
@click.option("--device", help="Of this device only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(config: Path, device: str | None, limit: int, as_json: bool) -> None:
    """List the newest."""
    settings = CentralSettings.read(config)
    with opened(settings.database, system_clock) as con:
        found = letters(con, device, limit)
    if as_json:
        click.echo(json.dumps([_facts(kept) for kept in found]))
        return
    columns = ("#number", "at", "device", "target", "#bytes", "why")
    print_table("Dead letters", columns, [list(_facts(kept).values()) for kept in found])


@dead.command()
@config_option
@click.argument("number", type=int)
def show(config: Path, number: int) -> None:
    """Show one, and the beginning of what it holds."""
    settings = CentralSettings.read(config)
    with opened(settings.database, system_clock) as con:
        kept = letter(con, number)
    if kept is None:
        msg = f"wanted dead letter {number}, got none of this number; see `edge bridge dead list`"
        raise RequestContractError(msg)
    for name, value in _facts(kept).items():
        click.echo(f"{name:8} {printable(str(value))}")
    click.echo(f"topic    {printable(kept.letter.incoming.topic)}")
    payload = kept.letter.incoming.payload[:_SHOWN_BYTES]
    click.echo(printable(payload.decode("utf-8", "backslashreplace")))


@dead.command("retry")
@config_option
@numbers_argument
def retry_(config: Path, numbers: Sequence[int]) -> None:
    """Try these again, as after an update of central; what is taken now leaves the list."""
    settings = CentralSettings.read(config)
    follow = follows(customers_part(settings, system_chance), system_clock)
    sinks = Sinks(settings.database, settings.tenant, platform_of(settings), follow)
    done = retry(sinks, numbers, system_clock)
    click.echo(f"{done} of {len(numbers)} were taken")


@dead.command("drop")
@config_option
@numbers_argument
def drop_(config: Path, numbers: Sequence[int]) -> None:
    """Forget these for good."""
    settings = CentralSettings.read(config)
    with opened(settings.database, system_clock) as con:
        click.echo(f"{drop(con, numbers)} of {len(numbers)} were dropped")


def _facts(kept: Kept) -> dict[str, object]:
    return {
        "number": kept.number,
        "at": rfc3339(kept.letter.at),
        "device": kept.letter.device,
        "target": kept.letter.target,
        "bytes": kept.size_bytes,
        "why": kept.letter.why,
    }
