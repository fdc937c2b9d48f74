"""From the first picture to a composed product, over HTTP."""

import pytest
from flask.testing import FlaskClient

from edge.decide.values import Reason
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper, decision


@pytest.fixture
def shopper(client: FlaskClient) -> Shopper:
    return Shopper(client)


def test_the_first_screen_greets_in_every_language_and_knows_nobody(client: FlaskClient) -> None:
    page = client.get("/kiosk/")

    assert page.status_code == 200
    for words in ("Touch to order", "Zum Bestellen tippen", "English", "Deutsch"):
        assert words in page.text
    assert "kiosk_visit" not in str(page.headers)


def test_a_visit_begins_with_a_random_key_that_only_the_kiosk_gets(shopper: Shopper) -> None:
    shopper.begin()
    cookie = shopper.client.get_cookie("kiosk_visit", domain="localhost", path="/kiosk")

    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/kiosk")
    assert cookie.max_age is None
    assert len(cookie.value) == 48


def test_every_visit_gets_another_key_and_another_id(shopper: Shopper, shop: FakeShop) -> None:
    keys = set()
    for _ in range(2):
        shopper.begin()
        cookie = shopper.client.get_cookie("kiosk_visit", domain="localhost", path="/kiosk")
        assert cookie is not None
        keys.add(cookie.value)

    assert len(keys) == 2
    assert len({asked.visit_id for asked in shop.asked}) == 2


def test_the_menu_shows_sections_a_titled_row_and_cards_with_the_law(shopper: Shopper) -> None:
    page = shopper.begin()

    assert "You are ordering as a guest. Nothing about you is saved." in page.text
    assert "Popular here this lunchtime" in page.text
    assert "Something different" in page.text
    assert "Caffè Latte" in page.text
    assert "kcal" in page.text
    assert "Contains" in page.text
    assert "Adults need around 2000 kcal a day" in page.text


def test_a_shopper_orders_in_german(shopper: Shopper) -> None:
    page = shopper.begin(language="de")

    assert '<html lang="de"' in page.text
    assert "Was darf es sein?" in page.text
    assert "3,75" in page.text


def test_a_section_is_a_small_part_of_the_page(shopper: Shopper, shop: FakeShop) -> None:
    shopper.begin()
    asked = len(shop.asked)

    part = shopper.tap("/kiosk/menu/tea")

    assert part.text.lstrip().startswith("<section")
    assert "Earl Grey" in part.text
    assert len(shop.asked) == asked, "looking at a section asks for no new row"


def test_a_row_is_asked_for_with_everything_the_shopper_said(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.begin(screen="kiosk-2")
    shopper.send("/kiosk/allergens", avoid=["milk", "nuts"])
    shopper.add("espresso")

    asked = shop.asked[-1]
    assert (asked.placement_id, asked.screen_id) == ("kiosk-strip", "kiosk-2")
    assert asked.basket == ("espresso",)
    assert {allergen.value for allergen in asked.avoid} == {"milk", "nuts"}
    assert asked.visit_id


def test_a_product_opens_with_its_options_and_a_touch_on_a_row_is_recorded(
    shopper: Shopper, shop: FakeShop
) -> None:
    page = shopper.begin()
    row = decision(page)

    dialog = shopper.tap(f"/kiosk/item/latte?decision={row}&slot=0")

    assert "Oat drink" in dialog.text
    assert "Add £3.75" in dialog.text
    (tap,) = shop.engagements
    assert (tap.kind, tap.decision_id, tap.slot) == ("tap", row, 0)


@pytest.mark.parametrize("query", ["decision=unknown&slot=0", "decision=&slot=0"])
def test_a_touch_on_a_row_of_nobody_is_not_recorded(
    shopper: Shopper, shop: FakeShop, query: str
) -> None:
    shopper.begin()
    shopper.tap(f"/kiosk/item/latte?{query}")

    assert shop.engagements == []


def test_a_touch_on_a_slot_the_row_does_not_have_is_not_recorded(
    shopper: Shopper, shop: FakeShop
) -> None:
    row = decision(shopper.begin())
    shopper.tap(f"/kiosk/item/latte?decision={row}&slot=9")

    assert shop.engagements == []


def test_the_sum_follows_what_is_chosen(shopper: Shopper) -> None:
    shopper.begin()

    part = shopper.tap("/kiosk/item/latte/sum?option.milk=oat&option.syrup=hazelnut&quantity=2")

    assert "Add £9.10" in part.text
    assert "Gluten" in part.text
    assert "Nuts" in part.text
    assert len(part.data) < 4000


@pytest.mark.parametrize(
    "path",
    [
        "/kiosk/item/no-such",
        "/kiosk/item/latte/sum?option.milk=unicorn",
        "/kiosk/item/latte/sum?quantity=lots",
        "/kiosk/line/99",
        "/kiosk/why/no-such",
    ],
)
def test_what_is_not_there_leads_back_to_the_first_screen(shopper: Shopper, path: str) -> None:
    shopper.begin()

    answer = shopper.tap(path)

    assert answer.headers["HX-Redirect"] == "/kiosk/"


def test_a_product_with_unknown_allergens_cannot_be_ordered_here(
    shopper: Shopper, shop: FakeShop
) -> None:
    fields = {name: getattr(shop.site, name) for name in type(shop.site).model_fields}
    products = tuple(
        p.model_copy(update={"allergens": None}) if p.sku == "latte" else p
        for p in shop.site.products
    )
    shop.site = type(shop.site)(**{**fields, "products": products})

    assert "Ask us about this item" in shopper.begin().text
    dialog = shopper.tap("/kiosk/item/latte").text
    assert "Ask us about this item" in dialog
    assert 'id="add"' not in dialog
    answer = shopper.add("latte")
    assert "That is not on the menu any more" in answer.text
    assert answer.headers["HX-Retarget"] == "#stage"


def test_a_reload_of_a_dialog_shows_the_menu_it_stands_on(shopper: Shopper) -> None:
    shopper.begin()

    answer = shopper.client.get("/kiosk/item/latte")

    assert answer.headers["Location"] == "/kiosk/menu"


def test_changed_stock_repaints_the_cards_it_names_without_a_touch(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.begin()
    shop.sold_out.add("latte")

    part = shopper.tap("/kiosk/stock?skus=latte,tea-green&row=1").text

    assert 'id="card-latte"' in part
    assert "Sold out today" in part
    assert 'id="card-espresso"' not in part
    assert part.count('hx-swap-oob="true"') == 2


def test_a_row_with_no_product_that_can_be_sold_is_not_shown(
    shopper: Shopper, shop: FakeShop
) -> None:
    shop.sold_out.update(p.sku for p in shop.site.products)

    page = shopper.begin()

    assert page.status_code == 200
    assert "data-decision" not in page.text


def test_a_shop_without_the_placement_shows_its_menu_without_a_row(
    shopper: Shopper, shop: FakeShop
) -> None:
    shop.site = shop.site.model_copy(update={"placements": ()})

    page = shopper.begin()

    assert page.status_code == 200
    assert "data-decision" not in page.text


def test_a_product_that_is_paid_for_says_so(shopper: Shopper, shop: FakeShop) -> None:
    shop.reason = Reason.SPONSORED

    assert "Sponsored" in shopper.begin().text
