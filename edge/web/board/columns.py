"""How the rows of a board spread over two columns, and how large they are set.

Source: screens.md, "Capacity per 16:9 board" (measured by overflow).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

MAX_ROWS: Final = 22
"""More cannot be read from where people stand; a shop spreads them over more boards."""

TIERS: Final = (8, 12, 16, 22)
"""Most rows of each size, largest size first; the last one has no hero."""

HEADING: Final = 1.5
"""Height of a section's heading and the gap before it, in rows."""

FEW: Final = 6
"""So few rows stand in one column: two would look torn apart."""

SPLIT: Final = 1.5
"""A section is only continued in the next column when that saves more rows than this."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One product on a board."""

    sku: str
    name: str
    price: str
    price_from: str
    kcal: str
    is_sold_out: bool
    is_hero: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its rows; ``is_continued`` when it began in the column before."""

    name: str
    rows: tuple[RowView, ...]
    is_continued: bool = False
    picture: str | None = None

    def marked(self, sku: str | None) -> "SectionView":
        """Return the section with the row of ``sku`` marked as the hero's."""
        rows = tuple(replace(row, is_hero=row.sku == sku) for row in self.rows)
        return replace(self, rows=rows)


def tier(rows: int, *, has_hero: bool) -> int:
    """Return the density tier for ``rows``: the most rows of its size."""
    if not has_hero and rows > TIERS[1]:
        return TIERS[-1]
    return next((most for most in TIERS if rows <= most), TIERS[-1])


def columns(sections: Sequence[SectionView]) -> tuple[tuple[SectionView, ...], ...]:
    """Return two columns (one for a few rows) as even as reading order allows.

    Rows beyond ``MAX_ROWS`` are left out.
    """
    kept = _cut(sections)
    splits = list(_splits(kept))
    if not splits or sum(len(section.rows) for section in kept) <= FEW:
        return (tuple(kept),) if kept else ()
    _, left, right = min(splits, key=lambda split: split[0])
    return (tuple(left), tuple(right))


def _cut(sections: Sequence[SectionView]) -> list[SectionView]:
    left = MAX_ROWS
    kept = []
    for section in sections:
        rows = section.rows[:left]
        left -= len(rows)
        if rows:
            kept.append(replace(section, rows=rows))
    return kept


def _splits(
    sections: list[SectionView],
) -> Iterator[tuple[float, list[SectionView], list[SectionView]]]:
    for index, section in enumerate(sections):
        before, after = sections[:index], sections[index + 1 :]
        if index > 0:
            yield _height(before, [section, *after]), before, [section, *after]
        for row in range(2, len(section.rows) - 1):
            first = replace(section, rows=section.rows[:row])
            second = replace(section, rows=section.rows[row:], is_continued=True)
            left, right = [*before, first], [second, *after]
            yield _height(left, right) + SPLIT, left, right


def _height(*parts: list[SectionView]) -> float:
    # The higher column decides; among equals the reader prefers the longer one first.
    left, right = (sum(HEADING + len(s.rows) for s in part) for part in parts)
    return max(left, right) + (0.01 if right > left else 0.0)
