"""Learn from a till's export what a shop sells, at what price, and when.

Reads CSV (also .gz) and Parquet with Polars, which only the development environment has: a
shop is set up at a desk, never on a device. So nothing imports this module but the command.
A bad row is told by file, row and what was wanted, and the file is refused as a whole.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

import polars as pl

from edge.app.tickets.file import GUESSES
from edge.catalog.site import WEEKDAYS, Weekday
from edge.core.errors import RequestContractError

MAX_MISTAKES: Final = 20
MAX_NAME: Final = 120
TOGETHER: Final = "\x1f"  # between the columns that only together tell a ticket
HALF_HOUR_S: Final = 1800
RARE: Final = 0.005
"""Share of sales before opening or after closing: staff who ring up early, a till left open."""


@dataclass(frozen=True, slots=True)
class ExportColumns:
    """Which column says what; empty is guessed from the header, or does without."""

    ticket: tuple[str, ...] = ()
    item: str = ""
    item_name: str = ""
    date: str = ""
    time: str = ""
    price: str = ""
    qty: str = ""
    category: str = ""
    drop: tuple[str, ...] = ("", "NONE")  # items that are none


@dataclass(frozen=True, slots=True)
class SoldItem:
    """One of the till's items: what it is called, what it costs, how often it sells."""

    till: str
    name: str
    category: str  # empty where the export has none
    price: float | None  # per piece, the median, in the currency's main unit
    tickets: int


@dataclass(frozen=True, slots=True)
class TillExport:
    """What an export says about its shop."""

    items: tuple[SoldItem, ...]  # best-selling first
    hours: Mapping[Weekday, tuple[time, time]]  # first and last half hour of selling
    tickets: int
    dropped: int  # rows of items that are none
    returned: int  # rows with a negative quantity
    columns: ExportColumns = ExportColumns()  # as named, or guessed from the header


def read_export(path: Path, columns: ExportColumns, timezone: str) -> TillExport:
    """Return what the export at ``path`` says.

    Args:
        path: .csv, .csv.gz or .parquet with one row per item sold.
        columns: Which column says what.
        timezone: The shop's own; times with an offset are turned into it.

    Raises:
        RequestContractError: The file, a column or rows are not as wanted.
    """
    try:
        table = _read(path)
        columns = _complete(columns, table.columns, path.name)
        rows = _roles(table, columns, timezone)
    except (pl.exceptions.PolarsError, OSError) as error:
        what = _uneven_row(path) or str(error).partition("\n")[0]
        msg = f"{path.name}: wanted .csv, .csv.gz or .parquet, one row per item sold; found {what}"
        raise RequestContractError(msg) from error
    total = rows.height
    rows = rows.filter(~pl.col("item").fill_null("").is_in(list(columns.drop)))
    dropped = total - rows.height
    _refuse_bad_rows(path.name, rows)
    sold = rows.filter(pl.col("qty").cast(pl.Float64) > 0)
    if sold.is_empty():
        msg = f"{path.name}: wanted rows of items sold, found none"
        raise RequestContractError(msg)
    return TillExport(
        items=tuple(_items(sold)),
        hours=dict(_hours(sold)),
        tickets=sold["ticket"].n_unique(),
        dropped=dropped,
        returned=rows.height - sold.height,
        columns=columns,
    )


def _read(path: Path) -> pl.DataFrame:
    if path.suffix in {".parquet", ".pq"}:
        return pl.read_parquet(path).with_row_index("#row", offset=1)
    # Everything as text: "007" is not 7, and a bad number is told with its row.
    table = pl.read_csv(path, infer_schema=False, encoding="utf8")
    return table.with_row_index("#row", offset=2)  # row 1 is the header


def _complete(columns: ExportColumns, header: list[str], name: str) -> ExportColumns:
    by_lower = {each.strip().lower(): each for each in header}

    def guess(given: str, role: str) -> str:
        return given or next((by_lower[g] for g in GUESSES[role] if g in by_lower), "")

    ticket = columns.ticket or tuple(filter(None, [guess("", "ticket")]))
    item, date = guess(columns.item, "item"), guess(columns.date, "date")
    # A guessed time belongs to a guessed date; a named date may hold the time as well.
    moment = columns.time or ("" if columns.date else guess("", "time"))
    missing = [f"--{role}" for role, has in (("ticket", ticket), ("item", item)) if not has]
    optional = (columns.item_name, columns.price, columns.qty, columns.category)
    used = (*ticket, item, date, moment, *optional)
    missing += [f'"{each}"' for each in used if each and each not in header]
    if missing:
        seen = ", ".join(each for each in header if each != "#row")
        # One column beside the row number: this file is separated by something else.
        how = "name them" if len(header) > 2 else "separate columns by commas"
        msg = f"{name}: wanted columns for {', '.join(missing)}, found {seen}; {how}"
        raise RequestContractError(msg)
    return ExportColumns(ticket, item, columns.item_name, date, moment, *optional[1:], columns.drop)


def _roles(table: pl.DataFrame, columns: ExportColumns, timezone: str) -> pl.DataFrame:
    """Return the columns by role: row, ticket, item, name, category, price, qty, moment, at."""

    def text(column: str, otherwise: str | None = None) -> pl.Expr:
        if not column:
            return pl.lit(otherwise, dtype=pl.String)
        return (
            _own_time(pl.col(column), table.schema[column], timezone)
            .cast(pl.String)
            .str.strip_chars()
        )

    ticket = pl.concat_str(
        [text(each).fill_null("") for each in columns.ticket], separator=TOGETHER
    )
    moment = pl.concat_str(
        [text(each) for each in (columns.date, columns.time) if each], separator=" "
    )
    rows = table.select(
        row=pl.col("#row"),
        ticket=ticket,
        item=text(columns.item),
        name=text(columns.item_name or columns.item),
        category=text(columns.category, ""),
        price=text(columns.price, ""),
        qty=text(columns.qty, "1"),
        moment=moment if columns.date else pl.lit("", dtype=pl.String),
    )
    return rows.with_columns(at=_at("moment", timezone))


def _own_time(column: pl.Expr, kind: pl.DataType, timezone: str) -> pl.Expr:
    if not isinstance(kind, pl.Datetime) or kind.time_zone is None:
        return column
    return column.dt.convert_time_zone(timezone).dt.replace_time_zone(None)


def _at(column: str, timezone: str) -> pl.Expr:
    """Return the shop's own time; null where the text is no ISO 8601 date and time."""
    words = pl.col(column).str.replace("T", " ", literal=True)
    own = [
        words.str.to_datetime(each, strict=False, time_unit="us")
        for each in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
    ]
    zoned = words.str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f%#z", strict=False, time_unit="us", time_zone="UTC"
    )
    return pl.coalesce(*own, zoned.dt.convert_time_zone(timezone).dt.replace_time_zone(None))


def _refuse_bad_rows(name: str, rows: pl.DataFrame) -> None:
    number = r"^\d{1,8}(\.\d+)?$"
    rules = {
        "ticket": (pl.col("ticket").str.strip_chars(TOGETHER) == "", "a ticket"),
        "item": (_is_bad_name("item"), f"an item of 1 to {MAX_NAME} characters"),
        "name": (_is_bad_name("name"), f"a name of 1 to {MAX_NAME} characters"),
        "moment": (
            pl.col("at").is_null() & (pl.col("moment") != ""),
            "a date and time such as 2026-03-01 07:30:00",
        ),
        "price": (
            ~pl.col("price").str.contains(f"^$|{number}"),
            "a price per piece such as 3.50 (or drop the item)",
        ),
        "qty": (~pl.col("qty").str.contains(number.replace("^", "^-?")), "a quantity such as 1"),
    }
    bad = [
        (row, f"{name}: row {row}: wanted {wanted}, found {_seen(value)}")
        for role, (is_bad, wanted) in rules.items()
        for row, value in _first(rows.filter(is_bad.fill_null(value=True)), role)
    ]
    if bad:
        lines = [line for _, line in sorted(bad)[:MAX_MISTAKES]]
        more = ["(and more)"] if len(bad) > MAX_MISTAKES else []
        raise RequestContractError("\n".join(lines + more))


def _first(bad: pl.DataFrame, role: str) -> Iterator[tuple[int, str | None]]:
    return bad.select("row", role).head(MAX_MISTAKES + 1).iter_rows()


def _seen(value: str | None) -> str:
    return repr(value) if value and value.strip(TOGETHER) else "nothing"


def _is_bad_name(role: str) -> pl.Expr:
    return ~pl.col(role).str.len_chars().is_between(1, MAX_NAME)


def _items(sold: pl.DataFrame) -> Iterator[SoldItem]:
    price = pl.col("price").replace("", None).cast(pl.Float64).median()
    grouped = sold.group_by("item").agg(
        pl.col("name").mode().sort().first(),
        pl.col("category").mode().sort().first(),
        price,
        tickets=pl.col("ticket").n_unique(),
    )
    for row in grouped.sort(["tickets", "item"], descending=[True, False]).iter_rows(named=True):
        yield SoldItem(row["item"], row["name"], row["category"], row["price"], row["tickets"])


def _hours(sold: pl.DataFrame) -> Iterator[tuple[Weekday, tuple[time, time]]]:
    """Yield per weekday with sales the half hours in which nearly all of them lie."""
    second = (
        pl.col("at").dt.hour().cast(pl.Int32) * 3600 + pl.col("at").dt.minute().cast(pl.Int32) * 60
    )
    days = (
        sold.filter(pl.col("at").is_not_null())
        .group_by(pl.col("at").dt.weekday().alias("day"))
        .agg(second.quantile(RARE).alias("first"), second.quantile(1 - RARE).alias("last"))
        .sort("day")
    )
    for day, first, last in days.iter_rows():
        opens = int(first // HALF_HOUR_S) * HALF_HOUR_S
        closes = int(last // HALF_HOUR_S + 1) * HALF_HOUR_S
        yield WEEKDAYS[day - 1], (_clock(opens), _clock(min(closes, 86_340)))


def _clock(second: int) -> time:
    return time(second // 3600, second % 3600 // 60)


def _uneven_row(path: Path) -> str:
    """Return the first row with more or fewer fields than the header, in words."""
    if not path.is_file() or not path.name.endswith((".csv", ".csv.gz")):
        return ""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            width = len(next(reader, []))
            for number, row in enumerate(reader, start=2):
                if len(row) != width:
                    return f"row {number} with {len(row)} fields instead of {width}"
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        return str(error)
    return ""
