"""Read households' baskets, and split households as the published comparison does.

Users are shuffled; a fifth tests, and of the others a tenth validates. Each user's last basket is
to be told from those before it.

Source: recommender.md, "Protocols" (next basket; Li et al., TOIS 2023).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from models.training.datasets import DatasetContractError

COLUMNS: Final = (
    "household_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "transaction_timestamp",
)
TEST_SHARE: Final = 0.2
VALIDATION_SHARE: Final = 0.1
FEWEST_LINES: Final = 10
"""Households with a shorter history are not asked about, as in the published comparison."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What a household bought at once: each product once, by till id or sku."""

    at: datetime  # UTC
    items: tuple[str, ...]
    size: int
    """Products in it, with those that the shop does not have."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household's baskets, oldest first."""

    name: str
    baskets: tuple[Basket, ...]


@dataclass(frozen=True, slots=True)
class Purchases:
    """What the export says: households in the order of names, and each product's mean price."""

    households: tuple[Household, ...]
    prices: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Split:
    """Households that train, validate and test."""

    train: tuple[Household, ...]
    validation: tuple[Household, ...]
    test: tuple[Household, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A basket to tell, and everything the household bought before it."""

    household: str
    before: tuple[Basket, ...]
    target: Basket


def read_purchases(path: Path) -> Purchases:
    """Return the purchases in ``path`` (Parquet); its moments are UTC.

    Raises:
        DatasetContractError: It is no such file, or a column is missing.
    """
    try:
        lines = pl.read_parquet(path, columns=list(COLUMNS))
    except (pl.exceptions.PolarsError, OSError) as error:
        wanted = f"Parquet with the columns {', '.join(COLUMNS)}"
        found = str(error).partition("\n")[0]
        raise DatasetContractError((f"{path}: wanted {wanted}, found {found}",)) from error
    sold = lines.filter(pl.col("quantity") > 0).with_columns(pl.col("product_id").cast(pl.String))
    if sold.is_empty():
        raise DatasetContractError((f"{path}: wanted lines of products sold, found none",))
    price = pl.col("sales_value").sum() / pl.col("quantity").sum()
    prices = sold.group_by("product_id").agg(price)
    return Purchases(tuple(_households(sold)), dict(prices.iter_rows()))


def split_households(households: Sequence[Household], seed: int) -> Split:
    """Return the split that ``seed`` draws."""
    order = np.random.default_rng(seed).permutation(len(households))
    shuffled = [households[i] for i in order]
    tests = round(len(shuffled) * TEST_SHARE)
    validates = round((len(shuffled) - tests) * VALIDATION_SHARE)
    return Split(
        train=tuple(shuffled[tests + validates :]),
        validation=tuple(shuffled[tests : tests + validates]),
        test=tuple(shuffled[:tests]),
    )


def of_products(households: Sequence[Household], kept: Mapping[str, str]) -> tuple[Household, ...]:
    """Return the households by the skus of ``kept`` (till id -> sku), without other products.

    A basket of which nothing remains stays as an empty one: it was bought, and elsewhere.
    """
    return tuple(
        Household(household.name, tuple(_of(basket, kept) for basket in household.baskets))
        for household in households
    )


def cases(households: Sequence[Household], last: int = 1) -> list[Case]:
    """Return a case for each of the ``last`` baskets of every household with history enough."""
    found = []
    for household in households:
        for place in range(max(1, len(household.baskets) - last), len(household.baskets)):
            before = household.baskets[:place]
            if sum(basket.size for basket in before) >= FEWEST_LINES:
                found.append(Case(household.name, before, household.baskets[place]))
    return found


def _households(sold: pl.DataFrame) -> Iterator[Household]:
    """Yield households; a basket's moment is its first line's."""
    baskets = (
        sold.group_by("household_id", "basket_id")
        .agg(pl.col("product_id").unique().sort(), pl.col("transaction_timestamp").min())
        .sort("household_id", "transaction_timestamp", "basket_id")
    )
    rows: defaultdict[str, list[Basket]] = defaultdict(list)
    columns = baskets.select("household_id", "transaction_timestamp", "product_id")
    for name, at, items in columns.iter_rows():
        rows[str(name)].append(Basket(_utc(at), tuple(items), len(items)))
    for name, found in rows.items():
        yield Household(name, tuple(found))


def _of(basket: Basket, kept: Mapping[str, str]) -> Basket:
    return replace(basket, items=tuple(kept[item] for item in basket.items if item in kept))


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
