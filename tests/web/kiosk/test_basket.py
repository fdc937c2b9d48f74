"""A basket is a value: lines with numbers, counted up, changed in place, bounded."""

from edge.catalog.order import MAX_LINES, MAX_QUANTITY, Line
from edge.web.kiosk.basket import Basket

LATTE = Line("latte", {"milk": ("oat",)}, 2)
SCONE = Line("scone", {})


def test_the_same_product_made_the_same_way_is_one_line() -> None:
    basket = Basket().with_added(LATTE).with_added(SCONE).with_added(LATTE)

    assert [(i.number, i.line.sku, i.line.quantity) for i in basket.lines] == [
        (1, "latte", 4),
        (2, "scone", 1),
    ]
    assert basket.count == 5


def test_the_same_product_made_another_way_is_another_line() -> None:
    basket = Basket().with_added(LATTE).with_added(Line("latte", {"milk": ("soya",)}))

    assert len(basket.lines) == 2
    assert basket.skus == ("latte",)


def test_a_line_is_changed_in_its_place_and_keeps_its_number() -> None:
    basket = Basket().with_added(LATTE).with_added(SCONE).with_changed(1, Line("espresso", {}))

    assert [(i.number, i.line.sku) for i in basket.lines] == [(1, "espresso"), (2, "scone")]


def test_no_number_is_used_twice_in_a_visit() -> None:
    basket = Basket().with_added(LATTE).without(1).with_added(SCONE)

    assert [i.number for i in basket.lines] == [2]
    assert basket.line(1) is None


def test_a_quantity_below_one_removes_the_line_and_above_twenty_stops_there() -> None:
    basket = Basket().with_added(LATTE)

    assert basket.with_quantity(1, 0).lines == ()
    assert basket.with_quantity(1, 99).count == MAX_QUANTITY
    assert basket.with_quantity(7, 3) == basket


def test_a_full_basket_takes_no_new_line() -> None:
    basket = Basket()
    for number in range(MAX_LINES + 3):
        basket = basket.with_added(Line(f"sku-{number}", {}))

    assert len(basket.lines) == MAX_LINES
