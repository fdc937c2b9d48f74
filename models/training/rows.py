"""Read a till's export as checked rows.

Everything is read as text and checked here, because a reader that guesses types turns a bad row
into a null and a null into a silent loss. Every bad row is reported with its file, its row number
(the header is row 1) and what was expected, up to a limit; a data set with bad rows is not used.
"""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import polars as pl

from models.training.datasets import DEFAULT_TIME, Dataset, DatasetContractError

REPORTED: Final = 20
"""Bad rows that are listed; the rest are counted."""

ROW: Final = "__row"
MOMENT: Final = "__moment"


def read_rows(dataset: Dataset) -> pl.DataFrame:
    """Return the sales of a data set, checked: its own columns, and ``__moment``.

    ``__moment`` is the site's wall clock, naive.

    Raises:
        DatasetContractError: A file is unreadable, a column is missing, or rows are bad.
    """
    mistakes: list[str] = []
    bad = 0
    tables = []
    for file in dataset.files:
        table = _with_moment(_kept(_read(file, dataset), dataset), dataset)
        found = _mistakes(table, dataset)
        bad += len(found)
        mistakes += [f"{file.name}: {mistake}" for mistake in found[: REPORTED - len(mistakes)]]
        tables.append(table)
    if mistakes:
        more = [f"and {bad - len(mistakes)} more bad rows"] if bad > len(mistakes) else []
        raise DatasetContractError((*mistakes, *more))
    rows = pl.concat(tables)
    if rows.is_empty():
        names = ", ".join(file.name for file in dataset.files)
        raise DatasetContractError((f"{names}: expected at least one sale, found none",))
    return rows


def _read(file: Path, dataset: Dataset) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            table = pl.read_parquet(file)
            table = table.select(pl.all().cast(pl.String))
        else:
            table = pl.read_csv(file, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise DatasetContractError(_why_unreadable(file, error)) from error
    wanted = list(dict.fromkeys([*dataset.columns.all, *dataset.drop]))
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        msg = f"{file.name}: expected columns {missing}, found {table.columns}"
        raise DatasetContractError((msg,))
    return table.with_row_index(ROW, offset=2).select(ROW, *wanted)


def _why_unreadable(file: Path, error: Exception) -> tuple[str, ...]:
    """Say which rows of a CSV have too many or too few fields; polars does not."""
    whole = (f"{file.name}: expected a readable CSV or Parquet file, got {error}",)
    if file.suffix == ".parquet":
        return whole
    try:
        with _text(file) as lines:
            reader = csv.reader(lines)
            width = len(next(reader, []))
            ragged = [
                f"{file.name}: row {number}: expected {width} fields, got {len(row)}"
                for number, row in enumerate(reader, start=2)
                if len(row) != width
            ]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as unreadable:
        return (f"{file.name}: expected a readable CSV file, got {unreadable}",)
    return tuple(ragged[:REPORTED]) or whole


@contextmanager
def _text(file: Path) -> Iterator[TextIO]:
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            yield lines
    else:
        with file.open(encoding="utf-8", newline="") as lines:
            yield lines


def _kept(table: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    for column, values in dataset.drop.items():
        table = table.filter(~pl.col(column).is_in(values).fill_null(value=False))
    return table


def _with_moment(table: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    columns, formats = dataset.columns, dataset.formats
    if columns.moment is not None:
        moment = pl.col(columns.moment).str.to_datetime(
            formats.moment, strict=False, time_unit="us"
        )
    else:
        date = pl.col(str(columns.date)).str.to_date(formats.date, strict=False)
        written = pl.col(str(columns.time))
        time = written.str.to_time(formats.time, strict=False)
        if formats.time == DEFAULT_TIME:
            # Many tills leave the seconds away; a shop's start reads both, so this does too.
            time = time.fill_null(written.str.to_time("%H:%M", strict=False))
        moment = date.dt.combine(time, time_unit="us")
    if dataset.utc:
        moment = (
            moment.dt.replace_time_zone("UTC")
            .dt.convert_time_zone(dataset.zone.key)
            .dt.replace_time_zone(None)
        )
    return table.with_columns(moment.alias(MOMENT))


def _mistakes(table: pl.DataFrame, dataset: Dataset) -> list[str]:
    columns, formats = dataset.columns, dataset.formats
    if columns.moment is not None:
        shown, wanted = [columns.moment], formats.moment
    else:
        shown, wanted = [str(columns.date), str(columns.time)], f"{formats.date} {formats.time}"
    found = [
        (
            row[ROW],
            f"row {row[ROW]}: expected {' and '.join(shown)} as {wanted}, got {_got(row, shown)}",
        )
        for row in table.filter(pl.col(MOMENT).is_null()).iter_rows(named=True)
    ]
    named = dict.fromkeys(
        [columns.item, *columns.ticket, *([columns.site] if columns.site else [])]
    )
    for column in named:
        if column not in shown:
            empty = table.filter(pl.col(column).fill_null("").str.strip_chars() == "")
            found += [(row, f"row {row}: expected {column}, got nothing") for row in empty[ROW]]
    return [mistake for _, mistake in sorted(found)]


def _got(row: dict[str, object], columns: list[str]) -> str:
    return " and ".join(repr(row[column]) for column in columns)
