"""A product being composed: the form's choices, the price and the allergens that follow."""

import pytest
from werkzeug.datastructures import MultiDict

from edge.catalog.allergens import Allergen
from edge.catalog.order import Line
from edge.catalog.product import Product
from edge.core.errors import RequestContractError
from edge.web.kiosk.cards import Sale, Shelf
from edge.web.kiosk.item import Item, item, line_from, starting_line
from tests.fakes.services import harbour_kitchen

NOTHING: frozenset[Allergen] = frozenset()
MILK = frozenset({Allergen.MILK})


def latte() -> Product:
    found = harbour_kitchen().product("latte")
    assert found is not None
    return found


def composed(line: Line, avoid: frozenset[Allergen] = NOTHING) -> Item:
    return item(Shelf(harbour_kitchen(), frozenset(), "lunch", avoid), latte(), line)


def test_a_form_becomes_a_line() -> None:
    form = MultiDict(
        [("option.milk", "oat"), ("option.syrup", "caramel"), ("option.syrup", "vanilla")]
    )
    form.add("quantity", "3")

    assert line_from(form, "latte") == Line(
        "latte", {"milk": ("oat",), "syrup": ("caramel", "vanilla")}, 3
    )


@pytest.mark.parametrize("text", ["many", "-1", "", "9999", "1.5"])
def test_a_quantity_that_is_not_a_small_number_is_refused(text: str) -> None:
    with pytest.raises(RequestContractError, match="wanted a quantity from 1 to 20"):
        line_from(MultiDict([("quantity", text)]), "latte")


def test_price_and_allergens_follow_the_choices() -> None:
    line = Line("latte", {"milk": ("oat",), "syrup": ("hazelnut",)}, 2)
    found = composed(line)

    assert found.priced is not None
    assert found.priced.total_minor == (375 + 80) * 2
    assert found.allergens == (Allergen.GLUTEN, Allergen.NUTS)
    chosen = {v.choice.id for g in found.groups for v in g.choices if v.is_chosen}
    assert {"oat", "hazelnut", "small"} <= chosen
    assert "whole" not in chosen


def test_a_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RequestContractError, match=r"latte\.milk"):
        composed(Line("latte", {"milk": ("unicorn",)}))


def test_what_a_shopper_avoids_is_marked_at_the_choice_and_at_the_whole() -> None:
    found = composed(Line("latte", {"milk": ("whole",)}), MILK)
    marked = {v.choice.id for g in found.groups for v in g.choices if v.avoided}

    assert marked == {"whole"}
    assert found.avoided == (Allergen.MILK,)


def test_a_product_starts_free_of_what_a_shopper_avoids() -> None:
    line = starting_line(latte(), MILK)

    assert "whole" not in line.options["milk"]
    assert composed(line, MILK).avoided == ()


def test_a_product_with_unknown_allergens_is_shown_without_a_price_to_order_at() -> None:
    unknown = latte().model_copy(update={"allergens": None})
    shelf = Shelf(harbour_kitchen(), frozenset(), "lunch", NOTHING)

    found = item(shelf, unknown, Line("latte", {}))

    assert found.sale is Sale.ASK
    assert found.priced is None


def test_traces_are_said_apart_from_what_it_contains() -> None:
    product = latte().model_copy(update={"may_contain": frozenset({Allergen.MILK, Allergen.NUTS})})
    shelf = Shelf(harbour_kitchen(), frozenset(), "lunch", NOTHING)

    found = item(shelf, product, starting_line(product, NOTHING))

    assert found.allergens == (Allergen.MILK,)
    assert found.may_contain == (Allergen.NUTS,)
