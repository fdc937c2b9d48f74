"""The demo shop sells what its till sells, and says what the law and a shopper want to know."""

import csv
import gzip
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from edge.app.load_site import load_site
from edge.catalog.allergens import Allergen
from edge.catalog.entry import Words
from edge.catalog.product import (
    Choice,
    OptionGroup,
    Product,
    allergens_with,
    default_choices,
    fits,
    kcal_with,
)
from edge.catalog.site import WEEKDAYS, Site

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "firmware_config/sites/harbour_kitchen"
TILL: Final = ROOT.parent / "shared/data/coffee_shop/coffee_shop_sales.csv.gz"
MILK_DRINKS: Final = [
    "latte",
    "cappuccino",
    "chai-classic",
    "chai-sunrise",
    "chai-spicy",
    "hot-chocolate-dark",
    "hot-chocolate-organic",
]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(FOLDER)


@pytest.fixture(scope="module")
def till_prices() -> dict[str, int]:
    """The price each till id has most often, in minor units."""
    if not TILL.is_file():
        pytest.skip("the till's export is not here: wanted ../shared/data/coffee_shop")
    prices: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(TILL, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            prices[row["product_id"]][row["unit_price"]] += 1
    return {
        till_id: round(100 * float(seen.most_common(1)[0][0])) for till_id, seen in prices.items()
    }


def test_it_has_the_54_products_of_the_till(site: Site) -> None:
    assert len({product.sku for product in site.products}) == 54


def test_every_till_id_is_sold_and_at_the_till_s_price(
    site: Site, till_prices: dict[str, int]
) -> None:
    ours = dict(_till_prices_of(site))
    assert ours == till_prices


def _till_prices_of(site: Site) -> Iterator[tuple[str, int]]:
    for product in site.products:
        assert product.price_minor is not None
        yield from ((till_id, product.price_minor) for till_id in product.till)
        for group, choice in _choices(product):
            # A size is the product made so; an extra is sold beside it.
            base = product.price_minor if group.pick == "one" else 0
            yield from ((till_id, base + choice.price_minor) for till_id in choice.till)


def test_a_till_id_of_a_size_belongs_to_one_product_only(site: Site) -> None:
    ids = [till_id for product in site.products for till_id in product.till]
    ids += [
        till_id
        for product in site.products
        for group, choice in _choices(product)
        if group.pick == "one"
        for till_id in choice.till
    ]
    assert not [till_id for till_id, times in Counter(ids).items() if times > 1]


def test_every_text_is_written_in_every_language(site: Site) -> None:
    languages = set(site.header.languages)
    assert [words for words in _all_words(site) if set(words) != languages] == []


def _all_words(site: Site) -> Iterator[Words]:
    for product in site.products:
        yield from (words for words in (product.name, product.description, product.say) if words)
        for group, choice in _choices(product):
            yield from (group.name, choice.name)
    yield from (part.name for part in site.sections + site.boards + site.header.dayparts)
    yield from (part.during for part in site.header.dayparts)
    yield from (words for offer in site.offers for words in (offer.headline, offer.badge) if words)
    yield from (placement.title for placement in site.placements if placement.title)
    for question in site.guide:
        yield question.ask
        yield from (answer.label for answer in question.answers)


def test_a_name_and_its_description_fit_on_a_card(site: Site) -> None:
    for product in site.products:
        assert product.description
        assert all(len(text) <= 26 for text in product.name.values()), product.sku
        assert all(len(text) <= 70 for text in product.description.values()), product.sku


def test_a_kiosk_may_sell_everything_because_price_and_allergens_are_known(site: Site) -> None:
    assert [product.sku for product in site.products if not product.is_complete()] == []


def test_all_that_is_served_says_its_kcal_and_never_less_than_none(site: Site) -> None:
    for product in _served(site):
        groups = [group.choices for group in product.options if group.pick == "one"]
        for made_with in itertools.product(*groups):
            kcal = kcal_with(product, made_with)
            assert kcal is not None, product.sku
            assert kcal >= 0, product.sku


def test_every_ready_made_milk_says_what_it_contains(site: Site) -> None:
    for group, choice in _all_choices(site):
        if group.id == "milk":
            wanted = {"whole": {"milk"}, "oat": {"gluten"}, "soya": {"soya"}, "none": set()}
            assert choice.allergens == wanted[choice.id], choice.id


@pytest.mark.parametrize("sku", MILK_DRINKS)
def test_a_milk_drink_starts_with_milk_and_can_be_had_without(site: Site, sku: str) -> None:
    product = site.product(sku)
    assert product is not None
    milk = frozenset({Allergen.MILK})
    assert milk <= allergens_with(product, default_choices(product, frozenset()))
    assert fits(product, milk)
    assert not milk & allergens_with(product, default_choices(product, milk))


def test_what_is_called_vegan_can_be_made_without_milk_and_eggs(site: Site) -> None:
    vegan = [product for product in site.products if "vegan" in product.tags]
    assert len(vegan) >= 10
    for product in vegan:
        made_so = allergens_with(product, default_choices(product, frozenset()))
        assert not made_so & {"milk", "eggs", "fish", "crustaceans", "molluscs"}, product.sku


def test_an_associate_has_a_sentence_for_all_that_is_served(site: Site) -> None:
    assert [product.sku for product in _served(site) if product.say is None] == []


def test_dayparts_cover_the_opening_day_without_a_gap(site: Site) -> None:
    parts = sorted(site.header.dayparts, key=lambda part: part.start)
    assert all(one.end == two.start for one, two in itertools.pairwise(parts))
    for weekday in WEEKDAYS:
        day = site.header.opening[weekday]
        assert parts[0].start <= day.opens
        assert day.closes <= parts[-1].end


def test_no_board_has_more_than_16_rows_beside_its_hero(site: Site) -> None:
    for board in site.boards:
        rows = [product for product in site.products if product.section in board.sections]
        assert len(rows) <= 16, board.id


def test_every_served_section_is_on_exactly_one_board(site: Site) -> None:
    on_boards = [section for board in site.boards for section in board.sections]
    assert sorted(on_boards) == sorted({product.section for product in _served(site)})


def test_a_hero_and_its_fallback_are_from_the_sections_of_its_board(site: Site) -> None:
    for board in site.boards:
        hero = site.placement(board.hero or "")
        assert hero is not None
        assert hero.slots == 1
        assert hero.sections == set(board.sections)


def test_a_fallback_fills_its_row_from_the_placement_s_own_sections(site: Site) -> None:
    for placement in site.placements:
        if placement.needs_basket or placement.personal or placement.id == "evaluation":
            continue  # nothing is an answer there
        found = [site.product(sku) for sku in placement.fallback]
        sections = placement.sections or {section.id for section in site.sections}
        assert all(product and product.section in sections for product in found), placement.id
        assert len(found) >= placement.slots, placement.id


def test_a_weather_offer_a_sponsored_one_and_an_evergreen_one_can_be_tried(site: Site) -> None:
    assert any(offer.weather for offer in site.offers)
    assert any(offer.staff_pick for offer in site.offers)
    assert any(offer.is_evergreen() for offer in site.offers)
    assert [offer.badge for offer in site.offers if offer.sponsored] == [
        {"en": "Sponsored", "de": "Anzeige"}
    ]


def test_any_four_answers_of_the_guide_leave_something_to_suggest(site: Site) -> None:
    placement = site.placement("tablet-guide")
    assert placement is not None
    pool = [product for product in site.products if product.section in placement.sections]
    for answers in itertools.product(*(question.answers for question in site.guide)):
        wanted = [answer.tags for answer in answers if answer.tags]
        assert any(all(tags & product.tags for tags in wanted) for product in pool), answers


def _served(site: Site) -> list[Product]:
    strip = site.placement("kiosk-strip")
    assert strip is not None
    return [product for product in site.products if product.section in strip.sections]


def _choices(product: Product) -> Iterator[tuple[OptionGroup, Choice]]:
    return ((group, choice) for group in product.options for choice in group.choices)


def _all_choices(site: Site) -> Iterator[tuple[OptionGroup, Choice]]:
    return (pair for product in site.products for pair in _choices(product))
