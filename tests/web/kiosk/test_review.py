"""The order before it is sent: totals of the moment, and what stands in its way."""

from edge.catalog.allergens import Allergen
from edge.catalog.order import Line
from edge.web.kiosk.basket import Basket
from edge.web.kiosk.cards import Shelf
from edge.web.kiosk.review import Review, review, without_vanished
from tests.fakes.services import harbour_kitchen

BASKET = Basket().with_added(Line("latte", {"milk": ("oat",)}, 2)).with_added(Line("croissant", {}))


def reviewed(basket: Basket = BASKET, *, sold_out: str = "", avoid: str = "") -> Review:
    shelf = Shelf(
        harbour_kitchen(),
        frozenset({sold_out} - {""}),
        "lunch",
        frozenset({Allergen(avoid)}) if avoid else frozenset(),
    )
    return review(shelf, basket)


def test_totals_are_those_of_the_catalog() -> None:
    found = reviewed()

    assert found.total_minor == 375 * 2 + 350
    assert found.count == 3
    assert found.kcal == sum(
        (line.priced.kcal or 0) * line.priced.line.quantity for line in found.lines
    )
    assert Allergen.GLUTEN in found.allergens
    assert found.can_be_ordered


def test_a_sold_out_line_is_left_out_of_the_total_and_stands_in_the_way() -> None:
    found = reviewed(sold_out="latte")

    assert found.total_minor == 350
    assert found.has_sold_out
    assert not found.can_be_ordered


def test_a_sold_out_line_can_be_swapped_for_something_near() -> None:
    swaps = reviewed(sold_out="latte").lines[0].swaps

    assert len(swaps) == 2
    assert all(card.product.section == "coffee" for card in swaps)
    assert swaps[0].product.category == "espresso-drinks"
    assert "latte" not in {card.product.sku for card in swaps}


def test_swaps_keep_to_what_the_shopper_avoids() -> None:
    basket = Basket().with_added(Line("croissant", {}))
    swaps = reviewed(basket, sold_out="croissant", avoid="eggs").lines[0].swaps

    assert all(Allergen.EGGS not in card.allergens for card in swaps)


def test_a_line_with_something_to_avoid_says_so() -> None:
    lines = reviewed(avoid="gluten").lines

    assert [line.avoided for line in lines] == [(Allergen.GLUTEN,), (Allergen.GLUTEN,)]


def test_an_empty_basket_cannot_be_ordered() -> None:
    found = reviewed(Basket())

    assert not found.can_be_ordered
    assert found.kcal is None


def test_lines_that_the_catalog_does_not_know_any_more_are_left_out() -> None:
    basket = BASKET.with_added(Line("yesterday", {})).with_added(Line("latte", {"foam": ("x",)}))
    shelf = Shelf(harbour_kitchen(), frozenset(), "lunch", frozenset())

    assert [line.number for line in reviewed(basket).lines] == [1, 2]
    assert without_vanished(shelf, basket).skus == ("latte", "croissant")
