"""Turn checked rows into tickets: arrays that everything after this works on.

A ticket is a set of items at a moment; how often an item stands on a ticket is not kept
(repeats within a ticket are removed, as in the protocols of the design).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from edge.recommend.features import encode_contexts
from models.training.datasets import Dataset, DatasetContractError
from models.training.rows import MOMENT, read_rows

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets in the order of time. ``item`` holds ids of ``names``, ticket after ticket."""

    names: tuple[str, ...]
    start: Ints  # (T + 1,) ticket t is item[start[t] : start[t + 1]]
    item: Ints  # (L,)
    day: Ints  # (T,) days since 1970-01-01, wall clock
    second: Ints  # (T,) of the day
    site: Ints  # (T,)

    def __len__(self) -> int:
        return len(self.day)

    @property
    def size(self) -> Ints:
        """Items per ticket."""
        return np.diff(self.start)

    @property
    def ticket(self) -> Ints:
        """The ticket of every entry of ``item``."""
        return np.repeat(np.arange(len(self)), self.size)

    @property
    def hour(self) -> Ints:
        """Local hour of every ticket."""
        return self.second // 3600

    @property
    def weekday(self) -> Ints:
        """Local weekday of every ticket; Monday is 0 (1970-01-01 was a Thursday)."""
        return (self.day + 3) % 7

    def contexts(self) -> NDArray[np.float32]:
        """Return every ticket's encoded moment, by the encoder that serving uses."""
        dates = self.day.astype("datetime64[D]")
        day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64) + 1
        return encode_contexts(self.hour, self.weekday, day_of_year)

    def only(self, keep: NDArray[np.bool_]) -> "Tickets":
        """Return the tickets marked in ``keep`` (T,)."""
        size = self.size[keep]
        return Tickets(
            names=self.names,
            start=np.concatenate([[0], np.cumsum(size)]),
            item=self.item[keep[self.ticket]],
            day=self.day[keep],
            second=self.second[keep],
            site=self.site[keep],
        )

    def of_catalog(self, names: tuple[str, ...]) -> "Tickets":
        """Return the tickets in the ids of another catalog; items it lacks are left out.

        A ticket of which nothing remains is left out too.
        """
        at = {name: i for i, name in enumerate(names)}
        new = np.array([at.get(name, -1) for name in self.names], dtype=np.int64)[self.item]
        known = new >= 0
        size = np.bincount(self.ticket[known], minlength=len(self))
        left = size > 0
        return Tickets(
            names=names,
            start=np.concatenate([[0], np.cumsum(size[left])]),
            item=new[known],
            day=self.day[left],
            second=self.second[left],
            site=self.site[left],
        )


def prepare(dataset: Dataset) -> Tickets:
    """Read a data set into tickets.

    Raises:
        DatasetContractError: The rows have mistakes (see ``read_rows``), or nothing remains.
    """
    return to_tickets(read_rows(dataset), dataset)


def to_tickets(rows: pl.DataFrame, dataset: Dataset) -> Tickets:
    """Group checked rows into tickets, mapped to the model's items."""
    columns = dataset.columns
    rows = _mapped(rows, dataset)
    site = pl.col(columns.site) if columns.site else pl.lit("")
    grouped = (
        rows.with_columns(site.alias("__site"))
        .group_by([*columns.ticket], maintain_order=True)
        .agg(
            pl.col("__item").unique().sort(),
            pl.col(MOMENT).min(),
            pl.col("__site").first(),
        )
        .sort(MOMENT, maintain_order=True)
    )
    if grouped.is_empty():
        raise DatasetContractError((f"{dataset.name}: expected tickets with items, found none",))
    names = tuple(rows["__item"].unique().sort().to_list())
    items = grouped["__item"].explode()
    at = {name: i for i, name in enumerate(names)}
    size = grouped["__item"].list.len().to_numpy().astype(np.int64)
    second = grouped.select(
        pl.col(MOMENT).dt.hour().cast(pl.Int64) * 3600
        + pl.col(MOMENT).dt.minute().cast(pl.Int64) * 60
        + pl.col(MOMENT).dt.second().cast(pl.Int64)
    ).to_series()
    sites = grouped["__site"].rank("dense").to_numpy().astype(np.int64) - 1
    return Tickets(
        names=names,
        start=np.concatenate([[0], np.cumsum(size)]),
        item=items.replace_strict(at, return_dtype=pl.Int64).to_numpy().astype(np.int64),
        day=grouped[MOMENT].dt.date().cast(pl.Int32).to_numpy().astype(np.int64),
        second=second.to_numpy().astype(np.int64),
        site=sites,
    )


def _mapped(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Name the model's item of each row; refuse till ids that the mapping does not know."""
    # Tills pad names; a site made from the same tickets knows them without the padding.
    item = pl.col(dataset.columns.item).str.strip_chars()
    if dataset.items is None:
        return rows.with_columns(item.alias("__item"))
    unknown = rows.filter(~item.is_in(list(dataset.items)))[dataset.columns.item].unique().sort()
    if len(unknown):
        msg = (
            f"{dataset.name}: expected every till id in the items mapping, "
            f"it lacks {unknown.to_list()[:20]}; map it, or to nothing to leave it out"
        )
        raise DatasetContractError((msg,))
    named = item.replace_strict(dict(dataset.items), return_dtype=pl.String)
    return rows.with_columns(named.alias("__item")).filter(pl.col("__item") != "")
