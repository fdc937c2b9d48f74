"""What a product is made with: its price, kcal and allergens."""

import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.product import (
    Choice,
    OptionGroup,
    Product,
    allergens_with,
    default_choices,
    fits,
    kcal_with,
    price_with,
    till_ids,
)

MILK, GLUTEN, NUTS = Allergen.MILK, Allergen.GLUTEN, Allergen.NUTS

WHOLE = Choice(id="whole", name={"en": "Whole"}, allergens=frozenset({MILK}), default=True)
OAT = Choice(id="oat", name={"en": "Oat"}, price_minor=40, kcal=-20, allergens=frozenset({GLUTEN}))
HAZEL = Choice(id="hazel", name={"en": "Hazel"}, kcal=30, allergens=frozenset({NUTS}), till=("H",))
MILKS = OptionGroup(id="milk", name={"en": "Milk"}, choices=(OAT, WHOLE))
SYRUPS = OptionGroup(id="syrup", name={"en": "Syrup"}, pick="many", choices=(HAZEL,))


def product(**fields: object) -> Product:
    values: dict[str, object] = {
        "sku": "latte",
        "name": {"en": "Latte"},
        "section": "coffee",
        "category": "coffee",
        "price_minor": 300,
        "kcal": 100,
        "allergens": frozenset[Allergen](),
        "options": (MILKS, SYRUPS),
    }
    return Product.model_validate(values | fields)


@pytest.mark.parametrize(
    ("avoid", "fitting"),
    [
        pytest.param(set[Allergen](), True, id="nothing to avoid"),
        pytest.param({MILK}, True, id="another milk will do"),
        pytest.param({MILK, GLUTEN}, False, id="every milk has one of them"),
        pytest.param({NUTS}, True, id="an extra can be left out"),
    ],
)
def test_a_product_fits_when_it_can_be_made_without(avoid: set[Allergen], *, fitting: bool) -> None:
    assert fits(product(), avoid) is fitting


def test_what_is_in_the_product_itself_cannot_be_left_out() -> None:
    assert not fits(product(allergens=frozenset({NUTS})), {NUTS})


def test_unknown_allergens_fit_nobody_who_avoids_any() -> None:
    unknown = product(allergens=None)

    assert not fits(unknown, {NUTS})
    assert fits(unknown, set())


def test_may_contain_is_shown_and_does_not_filter() -> None:
    assert fits(product(may_contain=frozenset({NUTS})), {NUTS})


def test_a_product_starts_with_its_defaults_unless_they_are_to_be_avoided() -> None:
    assert default_choices(product(), set()) == (WHOLE,)
    assert default_choices(product(), {MILK}) == (OAT,)
    assert default_choices(product(), {MILK, GLUTEN}) == (WHOLE,)


def test_without_a_default_the_first_choice_is_taken() -> None:
    plain = MILKS.model_copy(update={"choices": (OAT, HAZEL)})

    assert default_choices(product(options=(plain,)), set()) == (OAT,)


def test_price_kcal_and_allergens_are_those_of_the_product_and_its_choices() -> None:
    made = (OAT, HAZEL)

    assert price_with(product(), made) == 340
    assert kcal_with(product(), made) == 110
    assert allergens_with(product(allergens=frozenset({MILK})), made) == {MILK, GLUTEN, NUTS}


def test_what_is_not_known_is_not_counted() -> None:
    assert kcal_with(product(kcal=None), (OAT,)) is None
    assert allergens_with(product(allergens=None), (OAT,)) == {GLUTEN}
    with pytest.raises(ValueError, match="'latte' has no price"):
        price_with(product(price_minor=None), ())


def test_a_kiosk_needs_a_price_and_allergens() -> None:
    assert product().is_complete()
    assert not product(price_minor=None).is_complete()
    assert not product(allergens=None).is_complete()


def test_till_ids_of_sizes_tell_the_product_and_those_of_extras_do_not() -> None:
    sized = OptionGroup(
        id="size", name={"en": "Size"}, choices=(Choice(id="s", name={"en": "S"}, till=("1", "2")),)
    )
    sold = product(till=("0",), options=(sized, SYRUPS))

    assert till_ids(sold, pick="one") == ("0", "1", "2")
    assert till_ids(sold, pick="many") == ("H",)
