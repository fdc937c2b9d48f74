"""Read a till's export: one row per item sold, rows of one ticket told by their key.

Plain csv, so that it runs in the service's own environment. A mistake is told by file, row and
what was expected, and the file is refused as a whole: a figure from half a file is no figure.
"""

import csv
import gzip
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from edge.core.errors import RequestContractError

MAX_MISTAKES: Final = 20

GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "ticket": ("transaction", "ticket", "ticket_id", "receipt", "receipt_id", "order_id", "basket"),
    "item": ("item", "product_id", "sku", "article", "product", "item_id"),
    "date": ("date", "transaction_date", "datetime", "date_time", "sold_at", "timestamp"),
    "time": ("time", "transaction_time"),
}
"""Column names that tills often use; whoever has others names them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what. ``ticket`` may be several that only together tell a ticket."""

    ticket: tuple[str, ...] = ()
    item: str = ""
    date: str = ""
    time: str = ""  # empty: the date column holds the time as well
    drop: tuple[str, ...] = ("NONE",)  # items that are none, as is one without a name


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket: the items in the order they were rung up, each once."""

    at: datetime  # aware, in the shop's own time
    items: tuple[str, ...]


def columns_from(text: str, name: str) -> Columns:
    """Return the columns that a small TOML names, in its table ``[columns]`` or at its top.

    Raises:
        RequestContractError: It is not TOML, or names something that is not a role.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name}: wanted TOML, got {error}"
        raise RequestContractError(msg) from error
    roles = {each.name for each in fields(Columns)}
    given = {key: value for key, value in table.get("columns", table).items() if key in roles}
    if not given:
        msg = f"{name}: wanted some of {sorted(roles)} (at the top or under [columns]), got none"
        raise RequestContractError(msg)
    return named(Columns(), given)


def named(columns: Columns, given: Mapping[str, object]) -> Columns:
    """Return ``columns`` with what ``given`` says; empty values say nothing.

    Raises:
        RequestContractError: A value is neither a name nor a list of names.
    """
    changes: dict[str, object] = {}
    for role, value in given.items():
        names = (value,) if isinstance(value, str) else value
        if not isinstance(names, Sequence) or not all(isinstance(each, str) for each in names):
            msg = f"{role}: wanted a column's name or a list of names, got {value!r}"
            raise RequestContractError(msg)
        if names:
            changes[role] = tuple(names) if role in {"ticket", "drop"} else names[0]
    return replace(columns, **changes)  # type: ignore[arg-type]  # checked above, role by role


def read_tickets(path: Path, columns: Columns, zone: ZoneInfo) -> list[Ticket]:
    """Return the tickets of ``path`` (.csv or .csv.gz), oldest first.

    Args:
        path: A file with a header line.
        columns: Which column says what; those left empty are guessed from the header.
        zone: The shop's own time, in which the file's times are.

    Raises:
        RequestContractError: The file cannot be read, a column is missing, or rows are wrong.
    """
    with _rows(path) as reader:
        columns = _complete(columns, reader.fieldnames or (), path.name)
        tickets = _grouped(reader, columns, zone, path.name)
    if not tickets:
        msg = f"{path.name}: wanted rows of items, got none"
        raise RequestContractError(msg)
    return sorted(tickets, key=lambda ticket: ticket.at)


@contextmanager
def _rows(path: Path) -> Iterator["csv.DictReader[str]"]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield csv.DictReader(file)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: wanted a CSV file (.csv or .csv.gz) in UTF-8, got: {error}"
        raise RequestContractError(msg) from error


def _complete(columns: Columns, header: Sequence[str], name: str) -> Columns:
    by_lower = {each.strip().lower(): each for each in header}
    found = columns
    for role, guesses in GUESSES.items():
        if not getattr(columns, role):
            guess = next((by_lower[each] for each in guesses if each in by_lower), "")
            found = named(found, {role: guess} if guess else {})
    missing = [role for role in ("ticket", "item", "date") if not getattr(found, role)]
    absent = [
        each for each in (*found.ticket, found.item, found.date, found.time) if each not in header
    ]
    absent = [each for each in absent if each]
    if missing or absent:
        what = ", ".join([f"--{role}" for role in missing] + [repr(each) for each in absent])
        msg = f"{name}: wanted columns for {what}, got the columns {list(header)}; name them"
        raise RequestContractError(msg)
    return found


def _grouped(
    rows: Iterable[Mapping[str, str]], columns: Columns, zone: ZoneInfo, name: str
) -> list[Ticket]:
    tickets: dict[tuple[str, ...], tuple[datetime, dict[str, None]]] = {}
    mistakes: list[str] = []
    for number, row in enumerate(rows, start=2):  # row 1 is the header
        item = (row[columns.item] or "").strip()
        if not item or item in columns.drop:
            continue
        key = tuple(row[each] or "" for each in columns.ticket)
        if key in tickets:
            tickets[key][1][item] = None
            continue
        at = _moment(row, columns, zone)
        if at is None or not any(key):
            mistakes.append(_mistake(name, number, row, columns))
            if len(mistakes) == MAX_MISTAKES:
                break
            continue
        tickets[key] = (at, {item: None})
    if mistakes:
        raise RequestContractError("\n".join(mistakes))
    return [Ticket(at, tuple(items)) for at, items in tickets.values()]


def _moment(row: Mapping[str, str], columns: Columns, zone: ZoneInfo) -> datetime | None:
    text = row[columns.date] or ""
    if columns.time:
        text = f"{text}T{(row[columns.time] or '').zfill(8)}"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _mistake(name: str, number: int, row: Mapping[str, str], columns: Columns) -> str:
    came = {each: row[each] for each in (*columns.ticket, columns.date, columns.time) if each}
    return f"{name}: row {number}: wanted a ticket with a date and time (ISO 8601), got {came}"
