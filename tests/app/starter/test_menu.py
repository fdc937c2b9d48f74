"""A till's items become the sections, boards and placements of a first menu."""

from datetime import time

import pytest

from edge.app.starter.files import (
    board_entries,
    guide_entries,
    opening_fields,
    placement_entries,
    product_entry,
)
from edge.app.starter.menu import MenuSection, menu_sections, slug
from edge.app.starter.till_export import SoldItem


def sold(name: str, category: str = "", tickets: int = 1, price: float | None = None) -> SoldItem:
    return SoldItem(name, name, category, price, tickets)


def menu(**sizes: int) -> tuple[MenuSection, ...]:
    return menu_sections(
        [sold(f"{kind} {i}", kind) for kind, size in sizes.items() for i in range(size)]
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hot chocolate", "hot-chocolate"),
        ("  Crème brûlée (large)! ", "creme-brulee-large"),
        ("寿司", "item"),
        ("a" * 39 + " b", "a" * 39),
        ("x" * 60, "x" * 40),
    ],
)
def test_an_id_is_made_of_the_name(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_an_id_that_is_taken_gets_a_number_within_its_length() -> None:
    assert slug("Tea!", {"tea", "tea-2"}) == "tea-3"
    assert slug("x" * 60, {"x" * 40}) == "x" * 38 + "-2"


def test_names_that_differ_only_in_signs_get_skus_of_their_own() -> None:
    (section,) = menu_sections([sold("Tea"), sold("tea!"), sold("Tea?")])

    assert [item.sku for item in section.items] == ["tea", "tea-2", "tea-3"]


def test_categories_become_sections_the_best_selling_first() -> None:
    items = [sold("Scone", "Food"), sold("Latte", "Coffee"), sold("Bun", "food")]

    assert [(s.id, s.name, len(s.items)) for s in menu_sections(items)] == [
        ("food", "Food", 2),
        ("coffee", "Coffee", 1),
    ]


def test_without_categories_there_is_one_menu() -> None:
    (section,) = menu_sections([sold("Scone"), sold("Latte")])

    assert (section.id, section.name, section.category) == ("menu", "Menu", "menu")


def test_a_section_too_long_for_a_board_is_cut_behind_its_best_sellers() -> None:
    first, rest = menu_sections([sold(f"tea {i}", "Tea", tickets=50 - i) for i in range(23)])

    assert (first.id, rest.id, rest.name) == ("tea", "tea-more", "Tea: more")
    assert (len(first.items), len(rest.items)) == (16, 7)
    assert first.items[0].sku == "tea-0"
    assert first.category == rest.category == "tea"


def test_the_rest_of_a_section_does_not_take_the_id_of_another() -> None:
    many = [sold(f"tea {i}", "Tea") for i in range(23)]

    ids = [section.id for section in menu_sections([*many, sold("x", "Tea more")])]

    assert sorted(ids) == ["tea", "tea-more", "tea-more-2"]


def test_boards_hold_what_can_be_read_and_a_hero_where_there_is_room() -> None:
    boards = board_entries(menu(a=10, b=6, c=1, d=20, e=60))

    assert [(board["sections"], "hero" in board) for board in boards] == [
        (["a", "b"], True),
        (["c"], True),
        (["d"], False),
        (["e"], True),
    ]


def test_boards_stay_few_and_their_sections_too() -> None:
    many = menu(**{f"s{i}": 1 for i in range(7)}, **{f"t{i}": 16 for i in range(20)})

    boards = board_entries(many)

    assert [len(board["sections"]) for board in boards] == [6, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("kinds", "spread"), [(1, None), (2, None), (3, 1)])
def test_a_row_spreads_over_categories_only_where_there_are_enough(
    kinds: int, spread: int | None
) -> None:
    strip = placement_entries(menu(**{f"s{i}": 2 for i in range(kinds)}))[0]

    assert (strip["id"], strip.get("spread")) == ("kiosk-strip", spread)


def test_the_placement_for_evaluation_neither_explores_nor_spreads() -> None:
    (evaluation,) = [
        row for row in placement_entries(menu(a=3, b=3, c=3)) if row["id"] == "evaluation"
    ]

    assert (evaluation["surface"], evaluation["slots"]) == ("pos", 10)
    assert not {"spread", "explore_slot", "needs_basket"} & evaluation.keys()


def test_rows_fall_back_on_what_sells_best() -> None:
    items = [sold("a", "x", 1), sold("b", "y", 9), sold("c", "x", 5)]

    strip = placement_entries(menu_sections(items))[0]

    assert strip["fallback"] == ["b", "c", "a"]


@pytest.mark.parametrize(("digits", "minor"), [(2, 352), (0, 4), (3, 3520)])
def test_a_price_is_in_the_smallest_unit_of_its_currency(digits: int, minor: int) -> None:
    (section,) = menu_sections([sold("tea", price=3.52)])

    assert product_entry(section.items[0], section, digits)["price_minor"] == minor


def test_what_the_export_does_not_say_stays_unknown() -> None:
    (section,) = menu_sections([sold("tea")])

    entry = product_entry(section.items[0], section, 2)

    assert (entry["price_minor"], entry["allergens"], entry["till"]) == (None, None, ["tea"])


def test_the_guide_asks_for_the_category_where_there_is_more_than_one() -> None:
    (question,) = guide_entries(menu(a=1, b=1, c=1, d=1, e=1, f=1, anything=1))

    assert [answer["id"] for answer in question["answers"]] == ["a", "b", "c", "d", "e", "anything"]
    assert guide_entries(menu(a=1)) == []


def test_dayparts_fill_the_opening_hours_and_no_more() -> None:
    found = opening_fields({"mon": (time(10, 30), time(15)), "sun": (time(12), time(16, 30))})

    assert found["opening"]["sun"] == {"opens": "12:00", "closes": "16:30"}
    assert [(part["id"], part["start"], part["end"]) for part in found["dayparts"]] == [
        ("morning", "10:30", "11:00"),
        ("lunch", "11:00", "14:00"),
        ("afternoon", "14:00", "16:30"),
    ]


def test_a_shop_that_sells_late_has_one_evening() -> None:
    parts = opening_fields({"fri": (time(18), time(23, 59))})["dayparts"]

    assert [(part["id"], part["start"], part["end"]) for part in parts] == [
        ("evening", "18:00", "23:59")
    ]


def test_hours_that_nobody_knows_are_the_usual_ones() -> None:
    assert len(opening_fields({})["opening"]) == 7
