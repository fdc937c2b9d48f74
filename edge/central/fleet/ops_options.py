"""What the commands of central ops have in common: settings, who acts, and how it is printed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.tables import FLEET
from edge.central.postgres import Cursor, connect, migrate, storing
from edge.central.settings import CentralSettings
from edge.central.settings_option import settings_option
from edge.core.clock import system_clock

_PERSON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,63}")


def _settings(_ctx: click.Context, _param: click.Parameter, path: Path) -> CentralSettings:
    return CentralSettings.read(path)


def _person(_ctx: click.Context, _param: click.Parameter, name: str) -> str:
    return person_name(name)


def person_name(name: str) -> str:
    """Return a person's name as it is recorded.

    Raises:
        BadParameter: It is none.
    """
    if not _PERSON.fullmatch(name):
        msg = "wanted 2 to 64 letters, digits or ._@-, beginning with a letter or digit"
        raise click.BadParameter(msg)
    return name.lower()


SETTINGS: Final = settings_option("settings", _settings)
WHO: Final = click.option(
    "--as", "who", required=True, callback=_person, help="Who acts; it is recorded."
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
WHY: Final = click.option("--why", default="", help="What the log shall say.")

Row = Mapping[str, Any]


def rollouts_of(settings: CentralSettings) -> Rollouts:
    """Return the rollouts, with their tables made."""
    rollouts = Rollouts(settings.database, system_clock)
    rollouts.prepare()
    return rollouts


@contextmanager
def looking(settings: CentralSettings) -> Iterator[Cursor]:
    """Open a transaction for the length of a ``with``."""
    with storing(), connect(settings.database, name="instore-fleet-cli") as con:
        migrate(con, FLEET)
        with con.transaction(), con.cursor() as cur:
            yield cur


def print_json(value: object) -> None:
    """Print ``value`` as JSON."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; a terminal's width is the table's, a pipe gets whole lines."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        is_number = column.startswith("#")
        table.add_column(column.lstrip("#"), justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*("" if cell is None else printable(str(cell)) for cell in row))
    console().print(table)


def print_pairs(pairs: Mapping[str, object]) -> None:
    """Print names and values below each other, and a line without any."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in pairs.items():
        table.add_row(name, "" if value is None else printable(str(value)))
    console().print(table, "")


def console() -> Console:
    """Return where tables go: without markup, because what devices say is printed as it is."""
    found = Console(markup=False, highlight=False)
    return found if found.is_terminal else Console(markup=False, highlight=False, width=140)


def printable(text: str) -> str:
    """Return ``text`` without what would steer a terminal: a device chose it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def moment(iso: str | None) -> str:
    """Return a moment to the second, as it is read: 2026-03-02 09:00:00Z."""
    return "" if not iso else iso[:19].replace("T", " ") + "Z"
