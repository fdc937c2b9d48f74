"""A shown price and the kcal beside it are of the same portion."""

from edge.catalog.product import Choice, OptionGroup, Product
from edge.web.portion import Portion, shown_portion


def product(*groups: OptionGroup, kcal: int | None = 100) -> Product:
    return Product(
        sku="tea",
        name={"en": "Tea"},
        section="tea",
        category="tea",
        price_minor=200,
        kcal=kcal,
        allergens=frozenset(),
        options=groups,
    )


def choice(name: str, price: int, kcal: int, *, default: bool = False) -> Choice:
    return Choice(id=name, name={"en": name}, price_minor=price, kcal=kcal, default=default)


def group(*choices: Choice, pick: str = "one") -> OptionGroup:
    return OptionGroup.model_validate(
        {"id": "size", "name": {"en": "Size"}, "pick": pick, "choices": choices}
    )


def test_a_product_without_choices_costs_what_it_costs() -> None:
    assert shown_portion(product()) == Portion(200, 100, is_from=False)


def test_the_price_is_of_the_cheapest_size_and_the_kcal_are_too() -> None:
    sizes = group(choice("large", 100, 50, default=True), choice("small", -20, -10))

    assert shown_portion(product(sizes)) == Portion(180, 90, is_from=True)


def test_choices_of_one_price_start_with_the_usual_one() -> None:
    milks = group(choice("oat", 0, 14), choice("none", 0, 0, default=True))

    assert shown_portion(product(milks)) == Portion(200, 100, is_from=False)


def test_extras_are_not_part_of_the_shown_price() -> None:
    syrups = group(choice("caramel", 80, 50), pick="many")

    assert shown_portion(product(syrups)) == Portion(200, 100, is_from=False)


def test_what_has_no_kcal_shows_none() -> None:
    assert shown_portion(product(kcal=None)).kcal is None
