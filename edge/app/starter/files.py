"""Write a first menu out as the entries of a site folder's files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from typing import Any, Final

from edge.app.starter.menu import ROWS_BESIDE_HERO, MenuItem, MenuSection
from edge.catalog.check import MAX_BOARD_ROWS
from edge.catalog.site import WEEKDAYS, Weekday

Fields = dict[str, Any]
"""One entry of a site file, before it is YAML."""

Hours = Mapping[Weekday, tuple[time, time]]

USUAL_HOURS: Final[Hours] = {day: (time(8), time(18)) for day in WEEKDAYS}
"""For an export that does not say when things were sold."""

DAYPARTS: Final = (
    ("morning", "Morning", "this morning", time(11)),
    ("lunch", "Lunch", "this lunchtime", time(14)),
    ("afternoon", "Afternoon", "this afternoon", time(17)),
    ("evening", "Evening", "this evening", time(23, 59)),
)
"""Id, name, the same inside a sentence, and the time each ends at the latest."""

MAX_BOARDS: Final = 8
MAX_SECTIONS_ON_BOARD: Final = 6
MAX_ANSWERS: Final = 5
FALLBACKS: Final = 5


def opening_fields(hours: Hours) -> Fields:
    """Return ``opening`` and ``dayparts`` of the header for a shop that sells at ``hours``."""
    seen = hours or USUAL_HOURS
    return {
        "opening": {
            day: {"opens": _clock(opens), "closes": _clock(closes)}
            for day, (opens, closes) in seen.items()
        },
        "dayparts": [*_dayparts(seen)],
    }


def _dayparts(hours: Hours) -> Iterator[Fields]:
    start = min(opens for opens, _ in hours.values())
    closes = max(closes for _, closes in hours.values())
    for part, name, during, latest in DAYPARTS:
        end = min(latest, closes)
        if start < end:
            words = {"name": _en(name), "during": _en(during)}
            yield {"id": part, **words, "start": _clock(start), "end": _clock(end)}
            start = end


def section_entry(section: MenuSection) -> Fields:
    """Return the section as an entry of ``sections.yaml``."""
    return {"id": section.id, "name": _en(section.name)}


def product_entry(item: MenuItem, section: MenuSection, digits: int) -> Fields:
    """Return the product as an entry of ``products/*.yaml``.

    Args:
        item: What the till sells.
        section: Where it stands in the menu.
        digits: Decimal places of the currency.
    """
    price = item.sold.price
    return {
        "sku": item.sku,
        "name": _en(item.sold.name),
        "section": section.id,
        "category": section.category,
        "price_minor": None if price is None else round(price * 10**digits),
        "allergens": None,
        "tags": [section.category],
        "till": [item.sold.till],
    }


def placement_entries(sections: Sequence[MenuSection]) -> list[Fields]:
    """Return the usual placements; they fall back on what sells best."""
    items = sorted((item for section in sections for item in section.items), key=_best_first)
    best = [item.sku for item in items[:FALLBACKS]]
    # A row of three cannot spread over fewer categories without running short.
    spread = {"spread": 1} if len({section.category for section in sections}) >= 3 else {}

    def row(name: str, surface: str, slots: int, title: str, **more: object) -> Fields:
        return {"id": name, "surface": surface, "slots": slots, "title": _en(title), **more}

    return [
        row(
            "kiosk-strip", "kiosk", 3, "You might like", **spread, explore_slot=2, fallback=[*best]
        ),
        row("kiosk-nudge", "kiosk", 1, "Goes well with your order", needs_basket=True),
        row("kiosk-empty", "kiosk", 3, "Popular here", **spread, fallback=[*best]),
        row("board-hero", "signage", 1, "Popular here", fallback=[*best]),
        row("tablet-guide", "tablet", 3, "Worth suggesting", fallback=[*best]),
        row("pos-addon", "pos", 3, "Ask if they would like", **spread, needs_basket=True),
        # Measured, never shown: the model's own order, and the kiosk's row of products that no
        # kiosk may sell before somebody has said their price and allergens.
        row("evaluation", "pos", 10, "Evaluation"),
        row("strip-evaluation", "pos", 3, "Evaluation", **spread, explore_slot=2),
    ]


def board_entries(sections: Sequence[MenuSection]) -> list[Fields]:
    """Return boards that together show the sections that sell best, none of them too full."""
    boards: list[list[MenuSection]] = []
    for section in sections:
        if len(section.items) > MAX_BOARD_ROWS:
            continue
        last = boards[-1] if boards else []
        fits = _rows(last) + len(section.items) <= ROWS_BESIDE_HERO
        if last and fits and len(last) < MAX_SECTIONS_ON_BOARD:
            last.append(section)
        else:
            boards.append([section])
    return [_board(number, shown) for number, shown in enumerate(boards[:MAX_BOARDS], start=1)]


def _board(number: int, shown: Sequence[MenuSection]) -> Fields:
    board: Fields = {
        "id": f"board-{number}",
        "name": _en(f"Board {number}"),
        "sections": [section.id for section in shown],
    }
    return board if _rows(shown) > ROWS_BESIDE_HERO else {**board, "hero": "board-hero"}


def guide_entries(sections: Sequence[MenuSection]) -> list[Fields]:
    """Return one question, which category it should be; none where there is only one."""
    names = {section.category: section.name for section in reversed(sections)}
    kinds = [section.category for section in sections]
    answers = [
        {"id": kind, "label": _en(names[kind]), "tags": [kind]}
        for kind in dict.fromkeys(kinds)
        if kind != "anything"
    ]
    if len(answers) < 2:
        return []
    anything = {"id": "anything", "label": _en("Anything")}
    ask = _en("What are you looking for?")
    return [{"id": "kind", "ask": ask, "answers": [*answers[:MAX_ANSWERS], anything]}]


def _best_first(item: MenuItem) -> tuple[int, str]:
    return -item.sold.tickets, item.sku


def _rows(shown: Sequence[MenuSection]) -> int:
    return sum(len(section.items) for section in shown)


def _en(words: str) -> dict[str, str]:
    return {"en": words}


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
