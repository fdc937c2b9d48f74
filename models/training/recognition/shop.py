"""Make a shop of what households buy most: a site folder that the appliance serves.

The products are those that training households buy most, so that nothing of the tested ones
is in the shop. One section per department; nobody sells food from it, so allergens stay open.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

import polars as pl
import yaml

from edge.app.starter.menu import menu_sections
from edge.app.starter.site_from_tickets import Shop, site_files, write_site
from edge.app.starter.till_export import SoldItem, TillExport
from edge.catalog.site import WEEKDAYS
from models.training.datasets import DatasetContractError
from models.training.recognition.households import Household

PLACEMENT: Final = "next-basket"
SLOTS: Final = 20
TIMEZONE: Final = "America/New_York"
_SHOP: Final = Shop("Complete Journey", currency="USD", timezone=TIMEZONE)
_ALWAYS: Final = dict.fromkeys(WEEKDAYS, (time(0), time(23, 59)))
_CONTROLLER: Final = {
    "name": "Nobody: an evaluation",
    "address": "On this machine",
    "contact": "not a shop",
}
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What a product is called, and its department."""

    name: str
    department: str


def read_words(path: Path) -> dict[str, Words]:
    """Return till id -> words from the export's table of products (Parquet).

    Raises:
        DatasetContractError: It is no such file.
    """
    columns = ("product_id", "department", "product_type", "package_size")
    try:
        table = pl.read_parquet(path, columns=list(columns))
    except (pl.exceptions.PolarsError, OSError) as error:
        found = str(error).partition("\n")[0]
        wanted = f"Parquet with the columns {', '.join(columns)}"
        raise DatasetContractError((f"{path}: wanted {wanted}, found {found}",)) from error
    return {
        str(product): Words(_name(str(product), kind, size), (department or "OTHER").title())
        for product, department, kind, size in table.select(columns).iter_rows()
    }


def sold_items(
    train: Sequence[Household], words: Mapping[str, Words], prices: Mapping[str, float], size: int
) -> tuple[SoldItem, ...]:
    """Return the ``size`` products in most baskets of ``train``, most first."""
    baskets = Counter(i for household in train for b in household.baskets for i in b.items)
    best = sorted(baskets.items(), key=lambda one: (-one[1], one[0]))[:size]
    found = []
    for till, sold in best:
        said = words.get(till, Words(f"Product {till}", "Other"))
        price = round(prices.get(till, 0.0), 2)
        found.append(SoldItem(till, said.name, said.department, price or None, sold))
    return tuple(found)


def write_shop(items: tuple[SoldItem, ...], folder: Path) -> dict[str, str]:
    """Write the site folder, and return till id -> sku."""
    tickets = sum(item.tickets for item in items)
    files = site_files(TillExport(items, _ALWAYS, tickets, dropped=0, returned=0), _SHOP)
    files["site.yaml"] += yaml.safe_dump({"controller": _CONTROLLER})
    placement = {
        "id": PLACEMENT,
        "surface": "pos",
        "slots": min(SLOTS, len(items)),
        "title": {"en": "Next basket"},
    }
    files["placements.yaml"] += yaml.safe_dump([placement])
    write_site(files, folder)
    return {item.sold.till: item.sku for section in menu_sections(items) for item in section.items}


def _name(product: str, kind: str | None, size: str | None) -> str:
    words = " ".join(word for word in (kind, size) if word)
    return f"{product} {words.capitalize()}"[:_LONGEST].strip()
