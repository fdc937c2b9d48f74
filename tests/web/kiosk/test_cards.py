"""What a shopper sees of a product, and which sections lead somewhere."""

from edge.catalog.allergens import Allergen
from edge.catalog.product import Product
from edge.catalog.site import Site
from edge.web.kiosk.cards import Sale, Shelf, in_order, menu
from tests.fakes.services import harbour_kitchen


def shelf(
    *,
    sold_out: frozenset[str] = frozenset(),
    avoid: frozenset[Allergen] = frozenset(),
    daypart_id: str | None = "lunch",
    site: Site | None = None,
) -> Shelf:
    return Shelf(site or harbour_kitchen(), sold_out, daypart_id, avoid)


def product(sku: str) -> Product:
    found = harbour_kitchen().product(sku)
    assert found is not None
    return found


def with_product(sku: str, **changes: object) -> Site:
    site = harbour_kitchen()
    changed = product(sku).model_copy(update=changes)
    products = tuple(changed if p.sku == sku else p for p in site.products)
    # Built anew: a copy would bring the index of the old products along.
    fields = {name: getattr(site, name) for name in type(site).model_fields}
    return Site(**{**fields, "products": products})


def test_a_card_says_what_the_product_costs_the_way_it_starts_out() -> None:
    card = shelf().card(product("latte"))

    assert (card.price_minor, card.is_from) == (375, True)
    assert card.allergens == (Allergen.MILK,)
    assert card.sale is Sale.ON


def test_a_product_with_one_price_is_not_said_as_from() -> None:
    assert not shelf().card(product("croissant")).is_from


def test_avoiding_milk_starts_a_latte_with_another_drink() -> None:
    card = shelf(avoid=frozenset({Allergen.MILK})).card(product("latte"))

    assert Allergen.MILK not in card.allergens


def test_a_sold_out_product_stays_on_the_menu() -> None:
    found = menu(shelf(sold_out=frozenset({"latte"})), "coffee")
    states = {card.product.sku: card.sale for card in found.cards}

    assert states["latte"] is Sale.SOLD_OUT
    assert states["espresso"] is Sale.ON


def test_a_product_without_allergens_or_price_has_to_be_asked_for() -> None:
    for missing in ({"allergens": None}, {"price_minor": None}):
        site = with_product("latte", **missing)
        found = site.product("latte")
        assert found is not None
        assert shelf(site=site).card(found).sale is Sale.ASK


def test_a_filter_hides_what_cannot_be_made_without_and_counts_it() -> None:
    found = menu(shelf(avoid=frozenset({Allergen.GLUTEN})), "bakery")
    everything = menu(shelf(), "bakery")

    assert all(Allergen.GLUTEN not in card.allergens for card in found.cards)
    assert found.hidden == len(everything.cards) - len(found.cards) > 0


def test_when_nothing_is_left_single_filters_that_leave_something_are_offered() -> None:
    bread = product("croissant").model_copy(
        update={"allergens": frozenset({Allergen.GLUTEN}), "options": ()}
    )
    bar = bread.model_copy(update={"sku": "bar", "allergens": frozenset({Allergen.NUTS})})
    site = harbour_kitchen()
    fields = {name: getattr(site, name) for name in type(site).model_fields}
    small = Site(**{**fields, "products": (bread, bar)})
    avoid = frozenset({Allergen.GLUTEN, Allergen.NUTS})

    found = menu(shelf(site=small, avoid=avoid), None)

    assert found.cards == ()
    assert found.relax == (Allergen.GLUTEN, Allergen.NUTS)
    assert menu(shelf(site=small), None).relax == ()


def test_products_of_another_daypart_are_not_served_unless_the_clock_is_unset() -> None:
    site = with_product("croissant", dayparts=frozenset({"breakfast"}))
    at_lunch = {p.sku for p in shelf(site=site).products("bakery")}
    without_clock = {p.sku for p in shelf(site=site, daypart_id=None).products("bakery")}

    assert "croissant" not in at_lunch
    assert "croissant" in without_clock


def test_an_unknown_section_is_the_first_one() -> None:
    found = menu(shelf(), "no-such")

    assert found.section.id == harbour_kitchen().sections[0].id
    assert [tab.is_current for tab in found.tabs].count(True) == 1


def test_a_section_that_serves_nothing_now_has_no_tab() -> None:
    site = harbour_kitchen()
    products = tuple(
        p.model_copy(update={"dayparts": frozenset({"breakfast"})}) if p.section == "tea" else p
        for p in site.products
    )
    fields = {name: getattr(site, name) for name in type(site).model_fields}
    found = menu(shelf(site=Site(**{**fields, "products": products})), None)

    assert "tea" not in {tab.section.id for tab in found.tabs}


def test_allergens_are_listed_in_the_order_of_annex_ii() -> None:
    assert in_order({Allergen.MILK, Allergen.GLUTEN}) == (Allergen.GLUTEN, Allergen.MILK)
