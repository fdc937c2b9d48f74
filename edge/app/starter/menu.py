"""Arrange a till's items as the sections of a first menu."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from edge.app.starter.till_export import SoldItem
from edge.catalog.check import MAX_BOARD_ROWS

ROWS_BESIDE_HERO: Final = 16
"""With more rows a board has no room left for its hero."""
_LONGEST_ID: Final = 40


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An item of the till under the sku it gets."""

    sku: str
    sold: SoldItem


@dataclass(frozen=True, slots=True)
class MenuSection:
    """A section of the menu: items of one category, best-selling first."""

    id: str
    name: str
    category: str
    items: tuple[MenuItem, ...]


def slug(name: str, taken: AbstractSet[str] = frozenset(), *, otherwise: str = "item") -> str:
    """Return an id for ``name`` that is not ``taken``: lower-case ASCII, at most 40 long."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    start = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_ID].strip("-") or otherwise
    result, number = start, 1
    while result in taken:
        number += 1
        end = f"-{number}"
        result = start[: _LONGEST_ID - len(end)] + end
    return result


def menu_sections(items: Sequence[SoldItem]) -> tuple[MenuSection, ...]:
    """Return one section per category, the category that sells best first.

    A section too long for a board is cut in two, so that what sells best can stand on one.

    Args:
        items: Best-selling first.
    """
    groups: defaultdict[str, list[MenuItem]] = defaultdict(list)
    skus: set[str] = set()
    for item in items:
        sku = slug(item.name, skus)
        skus.add(sku)
        groups[slug(item.category, otherwise="menu")].append(MenuItem(sku, item))
    found: dict[str, MenuSection] = {}
    for category, group in groups.items():
        for section in _sections_of(category, group, groups.keys() | found.keys()):
            found[section.id] = section
    return tuple(found.values())


def _sections_of(
    category: str, items: Sequence[MenuItem], taken: AbstractSet[str]
) -> Iterator[MenuSection]:
    name = items[0].sold.category or "Menu"
    if len(items) <= MAX_BOARD_ROWS:
        yield MenuSection(category, name, category, tuple(items))
        return
    rest = slug(f"{category[:34]} more", taken)
    yield MenuSection(category, name, category, tuple(items[:ROWS_BESIDE_HERO]))
    yield MenuSection(rest, f"{name}: more", category, tuple(items[ROWS_BESIDE_HERO:]))
