"""The item and the day behind a personal reason, for its own customer."""

from dataclasses import replace

from edge.decide.details import Detail, details
from edge.decide.values import Bought
from tests.fakes.regular import decided, regular

KNOWN = regular(Bought("latte", 3.0, 1), Bought("latte", 9.0, 2), starred=("salad",))


def test_behind_your_usual_is_the_product_itself_and_when_it_was_last_bought() -> None:
    found = details(decided("usual", KNOWN).slate, KNOWN)

    assert found == {
        0: Detail("latte", 3.0, is_starred=False),
        1: Detail("salad", None, is_starred=True),
    }


def test_behind_what_goes_with_a_taste_is_the_product_it_goes_with() -> None:
    for row in ("tastes", "new"):
        assert details(decided(row, KNOWN).slate, KNOWN)[0].sku == "latte"


def test_a_slot_filled_for_another_reason_has_nothing_behind_it() -> None:
    slate = decided("strip", regular(Bought("bun", 0.0, 4))).slate
    found = details(slate, regular(Bought("bun", 0.0, 4)))

    assert {slot: one.sku for slot, one in found.items()} == {0: "bun"}


def test_what_was_taken_back_since_is_not_shown() -> None:
    slate = decided("usual", KNOWN).slate

    assert list(details(slate, replace(KNOWN, bought=()))) == [1]
    assert details(slate, None) == {}
