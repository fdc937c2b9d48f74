"""Describe a till's export in a small TOML, so that a shop is one file away from a model.

    name = "corner_bakery"          # the model's id
    title = "A bakery"              # on its card
    fictitious = false              # said on its card
    files = ["sales_2025.csv", "sales_2026.parquet"]
    data = "../exports"             # folder of the files, from this file; --data DIR overrides
    time_zone = "Europe/London"     # whose wall clock the shop lives by
    times = "local"                 # or "utc": then times are converted
    currency = "GBP"

    [columns]
    ticket = ["store", "receipt"]   # what makes one ticket
    site = "store"                  # optional: trend is per site
    item = "article"
    moment = "sold_at"              # or `date` and `time`

    [formats]                       # optional, as in strptime
    date = "%Y-%m-%d"

    [drop]                          # optional: rows with these values are no sales
    article = ["DEPOSIT"]

    [items]                         # optional: till id = model id; "" drops the item
    "38" = "latte"
    # or, as a table: [items_table] file = "items.csv", from = "till_id", to = "sku"

All mistakes are reported at once.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.core.errors import ContractError


class DatasetContractError(ContractError):
    """A data set has mistakes; ``mistakes`` lists them, one line each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Strict):
    """Which columns say what."""

    ticket: Annotated[list[str], Field(min_length=1)]
    item: str
    site: str | None = None
    moment: str | None = None
    date: str | None = None
    time: str | None = None

    @model_validator(mode="after")
    def _when(self) -> "Columns":
        if (self.moment is None) == (self.date is None or self.time is None):
            msg = "expected either 'moment', or both 'date' and 'time'"
            raise ValueError(msg)
        return self

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        single = (self.item, self.site, self.moment, self.date, self.time)
        return tuple(dict.fromkeys([*self.ticket, *(name for name in single if name)]))


DEFAULT_TIME: Final = "%H:%M:%S"


class Formats(_Strict):
    """How dates and times are written."""

    date: str = "%Y-%m-%d"
    time: str = DEFAULT_TIME
    moment: str = "%Y-%m-%d %H:%M:%S"


class ItemsTable(_Strict):
    """A CSV from till id to model id, beside the TOML."""

    file: str
    from_: Annotated[str, Field(alias="from")]
    to: str


class _Description(_Strict):
    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
    title: str
    about: str = ""
    fictitious: bool = False
    data: str = "."
    files: Annotated[list[str], Field(min_length=1)]
    time_zone: str
    times: Literal["local", "utc"] = "local"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    columns: Columns
    formats: Formats = Formats()
    drop: dict[str, list[str]] = {}
    items: dict[str, str] | None = None
    items_table: ItemsTable | None = None

    @model_validator(mode="after")
    def _one_mapping(self) -> "_Description":
        if self.items is not None and self.items_table is not None:
            msg = "expected 'items' or 'items_table', got both"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class Dataset:
    """A till's export, described and found."""

    name: str
    title: str
    about: str
    fictitious: bool
    files: tuple[Path, ...]
    zone: ZoneInfo
    utc: bool
    currency: str
    columns: Columns
    formats: Formats
    drop: Mapping[str, tuple[str, ...]]
    items: Mapping[str, str] | None


def read_dataset(path: Path, data: Path | None = None) -> Dataset:
    """Read a data set's description and check that its files are there.

    Args:
        path: The TOML.
        data: Folder of the files, instead of the one the TOML names.

    Raises:
        DatasetContractError: The description has mistakes, or a file is missing.
    """
    described = _describe(path)
    folder = data if data is not None else path.parent / described.data
    files = tuple(folder / name for name in described.files)
    mistakes = [
        f"{path.name}: expected the file {file.name} in {folder}, found none; say --data DIR"
        for file in files
        if not file.is_file()
    ]
    try:
        zone = ZoneInfo(described.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
        mistakes.append(
            f"{path.name}: time_zone: expected a name like Europe/London, "
            f"got {described.time_zone!r}"
        )
    if mistakes:
        raise DatasetContractError(tuple(mistakes))
    return Dataset(
        name=described.name,
        title=described.title,
        about=described.about,
        fictitious=described.fictitious,
        files=files,
        zone=zone,
        utc=described.times == "utc",
        currency=described.currency,
        columns=described.columns,
        formats=described.formats,
        drop={column: tuple(values) for column, values in described.drop.items()},
        items=described.items if described.items_table is None else _table(path, described),
    )


def _describe(path: Path) -> _Description:
    try:
        return _Description.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DatasetContractError((f"{path}: expected a TOML file, {error.strerror}",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatasetContractError((f"{path.name}: expected TOML, {error}",)) from error
    except ValidationError as error:
        mistakes = tuple(
            f"{path.name}: {'.'.join(str(at) for at in mistake['loc'])}: {mistake['msg']}, "
            f"got {str(mistake['input'])[:60]!r}"
            for mistake in error.errors()
        )
        raise DatasetContractError(mistakes) from error


def _table(path: Path, described: _Description) -> dict[str, str]:
    table = described.items_table
    assert table is not None
    file = path.parent / table.file
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path.name}: items_table.file: expected the CSV {file}, got {error}"
        raise DatasetContractError((msg,)) from error
    mistakes = [
        f"{file.name}: row {number}: expected columns {table.from_!r} and {table.to!r}"
        for number, row in enumerate(rows, start=2)
        if not row.get(table.from_) or row.get(table.to) is None
    ]
    if mistakes:
        raise DatasetContractError(tuple(mistakes[:20]))
    return {row[table.from_]: row[table.to] for row in rows}
