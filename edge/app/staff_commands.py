"""``edge staff``: who is in the team, and on which tablets they sign in.

Only one process writes to a data folder, so what changes something needs the service stopped;
``edge staff list`` does not.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from edge.app.data_folder import DATA, database_in, refuse_if_in_use
from edge.app.team import TeamOffice
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.store.readers import Readers
from edge.store.staff import StaffRole, Tablet, people_in, tablets_in
from edge.store.store import Store

PIN = click.option("--pin-stdin", is_flag=True, help="Read the PIN from the standard input.")


@click.group()
def staff() -> None:
    """Say who is in the team, and on which tablets they sign in.

    To change something, stop the service first; "list" works while it runs.
    """


@staff.command()
@DATA
@click.argument("user_id")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["associate", "lead", "admin"]),
    default="associate",
    show_default=True,
)
@PIN
def add(data: Path, user_id: str, name: str, role: StaffRole, *, pin_stdin: bool) -> None:
    """Add USER_ID, called NAME, or put them in place of the one of that id."""
    with _office(data) as office:
        office.put(user_id, name, role, _pin(from_stdin=pin_stdin))
    click.echo(f"{user_id} may sign in as {role}")


@staff.command("set-pin")
@DATA
@click.argument("user_id")
@PIN
def set_pin(data: Path, user_id: str, *, pin_stdin: bool) -> None:
    """Give USER_ID another PIN of 6 to 12 digits."""
    with _office(data) as office:
        office.set_pin(user_id, _pin(from_stdin=pin_stdin))
    click.echo(f"{user_id} has a new PIN")


@staff.command()
@DATA
@click.argument("user_id")
def remove(data: Path, user_id: str) -> None:
    """Take USER_ID out of the team."""
    with _office(data) as office:
        office.remove(user_id)
    click.echo(f"{user_id} can no longer sign in")


@staff.command("enrol-tablet")
@DATA
@click.argument("name")
def enrol_tablet(data: Path, name: str) -> None:
    """Print a code that enrols one tablet, to be called NAME; start the service and type it in."""
    with _office(data) as office:
        offered = office.offer_tablet(name)
    click.echo(offered.code)
    click.echo(
        f"valid once, until {offered.until_at:%H:%M} UTC: start the service, open /tablet/ on the "
        "tablet and type it in",
        err=True,
    )


@staff.command("remove-tablet")
@DATA
@click.argument("name")
def remove_tablet(data: Path, name: str) -> None:
    """Let the tablet called NAME be used no more: it was lost, or goes back."""
    with _office(data) as office:
        office.remove_tablet(name)
    click.echo(f"nobody can sign in on {name} any more")


@staff.command("list")
@DATA
def list_staff(data: Path) -> None:
    """List the team and the tablets; the service may be running."""
    readers = Readers(database_in(data))
    try:
        with readers.connection() as con:
            people, tablets = people_in(con), tablets_in(con)
    finally:
        readers.close()
    table = Table("user id", "name", "role", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for member in people:
        table.add_row(member.user_id, member.name, member.role)
    console = Console()
    console.print(table)
    console.print(_tablets(tablets))


def _tablets(tablets: list[Tablet]) -> Table:
    table = Table("tablet", "enrolled (UTC)", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for tablet in tablets:
        table.add_row(tablet.name, f"{tablet.enrolled_at:%d %b %Y %H:%M}")
    return table


@contextmanager
def _office(data: Path) -> Iterator[TeamOffice]:
    refuse_if_in_use(data)
    store = Store.open(data, clock=system_clock, chance=system_chance)
    try:
        yield TeamOffice(store)
    finally:
        store.close()


def _pin(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().strip()
    return str(click.prompt("PIN", hide_input=True, confirmation_prompt=True))
