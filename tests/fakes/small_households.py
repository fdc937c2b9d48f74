"""Households made up by rule: each has products of its own, and now and then buys what all buy.

Nobody in it is real. The tables have the columns of Complete Journey's.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from models.training.recognition.households import Basket, Case

PRODUCTS = 36
START = datetime(2017, 3, 1, 15)  # noqa: DTZ001 - the data's own moments say no zone, and are UTC


def one_case(lines: int = 2) -> Case:
    """Return a household that bought ``lines`` products three days before its basket to tell."""
    then = START.replace(tzinfo=UTC)
    items = tuple(f"a-product-with-a-rather-long-name-{n:04}" for n in range(lines))
    before = Basket(then - timedelta(days=3), items, lines)
    return Case("h", (before,), Basket(then, ("a",), 1))


def write_households(folder: Path, households: int = 40, baskets: int = 12) -> Path:
    """Write ``transactions.parquet`` and ``products.parquet``; return the first one's path."""
    rng = np.random.default_rng(5)
    rows = []
    for household in range(households):
        own = rng.permutation(np.arange(6, PRODUCTS))[:3]
        for number in range(baskets):
            at = START + timedelta(days=5 * number, minutes=int(rng.integers(0, 300)))
            popular = rng.integers(0, 6, 2)
            bought = {int(p) for p in (*own[rng.random(3) < 0.8], *popular)}
            rows += [
                (household, 1000 * household + number, 100 + product, 1, 2.5, at)
                for product in sorted(bought)
            ]
    names = ("household_id", "basket_id", "product_id", "quantity", "sales_value")
    schema = [*names, "transaction_timestamp"]
    path = folder / "transactions.parquet"
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    products = range(100, 100 + PRODUCTS)
    pl.DataFrame(
        {
            "product_id": list(products),
            "department": ["GROCERY" if p % 2 else "PRODUCE" for p in products],
            "product_type": ["BANANAS" if p % 3 else None for p in products],
            "package_size": ["40 LB"] * PRODUCTS,
        }
    ).write_parquet(folder / "products.parquet")
    return path
