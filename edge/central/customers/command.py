"""``edge bridge customers``: count, look up, erase, tell a device again. Every look at one is kept."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from edge.central.bridge.command_options import config_option
from edge.central.customers import erased_marks, shown, site_groups
from edge.central.customers.forgetting import forget
from edge.central.customers.part import CustomersPart, customers_part
from edge.central.customers.tables import alone
from edge.central.fleet.ops_options import WHO
from edge.central.postgres import Connection, Cursor, connect, storing
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, SettingsContractError

_HEX = 16


@click.group()
def customers() -> None:
    """See how many customers central knows, erase one, or tell a device again."""


json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@customers.command("list")
@config_option
@json_option
def list_(config: Path, *, as_json: bool) -> None:
    """Count customers and messages, and list the devices that are told of them.

    Lists no customer: whoever needs one has their pseudonym from them.
    """
    with _ready(config) as (con, _), con.cursor() as cur:
        counts, places = shown.counts(cur), shown.places(cur)
    if as_json:
        click.echo(json.dumps({**counts, "devices": places}))
        return
    for name, value in counts.items():
        click.echo(f"{name:22} {value}")
    if places:
        table = Table(*places[0])
        for place in places:
            table.add_row(*(str(value) for value in place.values()))
        Console().print(table)


def _pseudonym(_ctx: click.Context, _param: click.Parameter, text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(text) != _HEX or len(found) * 2 != _HEX:
        msg = "wanted 16 hexadecimal digits"
        raise click.BadParameter(msg)
    return found


def _one(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("pseudonym", callback=_pseudonym)(command)


@customers.command()
@config_option
@WHO
@_one
def show(config: Path, who: str, pseudonym: bytes) -> None:
    """Show counts of one customer; that it was looked at is recorded."""
    with _ready(config) as (con, part), con.transaction(), con.cursor() as cur:
        found = shown.customer(cur, pseudonym, system_clock)
        _record(cur, part, (who, "show"), pseudonym, "known" if found else "not known")
        erased = erased_marks.of(cur, part.keys.row_key, pseudonym)
    if found is None:
        click.echo("not known" if erased is None else "erased")
        return
    for name, value in found.items():
        click.echo(f"{name:18} {value}")


@customers.command()
@config_option
@WHO
@_one
def erase(config: Path, who: str, pseudonym: bytes) -> None:
    """Erase one here and on every device that holds them; also one who is not known yet."""
    with _ready(config) as (con, part), con.transaction(), con.cursor() as cur:
        alone(cur)
        keys = (part.keys.row_key, part.keys.writing)
        told = forget(cur, keys, pseudonym, system_clock())
        _record(cur, part, (who, "erase"), pseudonym, f"written to {told} devices")
    click.echo(f"erased; written to {told} devices")


@customers.command()
@config_option
@WHO
@click.argument("device")
def resend(config: Path, who: str, device: str) -> None:
    """Write everything to a device again: all its customers, and erasures it may not have."""
    with _ready(config) as (con, part):
        is_told = part.telling(system_clock).tell_again(con, device)
        with con.transaction(), con.cursor() as cur:
            _record(cur, part, (who, "resend"), None, device[:64])
    if not is_told:
        msg = f"wanted a device that takes messages about customers, got {device[:64]!r}"
        raise RequestContractError(msg)
    click.echo("a running bridge writes to it at once")


@customers.command()
@config_option
@WHO
@click.argument("site")
@click.argument("number", metavar="GROUP", type=click.IntRange(0, 4_294_967_295))
def group(config: Path, who: str, site: str, number: int) -> None:
    """Have the shop SITE belong to shop group GROUP; else its devices' first word stands."""
    with _ready(config) as (con, part), con.transaction(), con.cursor() as cur:
        alone(cur)
        site_groups.move(cur, site, number)
        _record(cur, part, (who, "group"), None, f"{site[:64]} to {number}")
    click.echo(f"{site} belongs to group {number}; its devices are told when they connect again")


@contextmanager
def _ready(config: Path) -> Iterator[tuple[Connection, CustomersPart]]:
    settings = CentralSettings.read(config)
    part = customers_part(settings, system_chance)
    if part is None:
        msg = "keys.online: wanted the folder with central's keys for customers, got none"
        raise SettingsContractError(msg)
    with storing(), connect(settings.database, name="bridge customers cli") as con:
        con.autocommit = True
        part.prepare(con)
        yield con, part


def _record(
    cur: Cursor, part: CustomersPart, act: tuple[str, str], pseudonym: bytes | None, detail: str
) -> None:
    # A keyed mark, so that the log outlives an erasure and names nobody.
    mark = None if pseudonym is None else part.keys.row_key.mark(pseudonym)
    cur.execute(
        "INSERT INTO customer_log(at, who, what, mark, detail) VALUES (%s, %s, %s, %s, %s)",
        (system_clock(), *act, mark, detail),
    )
