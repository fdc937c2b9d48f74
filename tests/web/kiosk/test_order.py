"""From the basket to a number, over HTTP: prices, the one nudge, and what may stand in the way."""

import pytest
from flask.testing import FlaskClient

from edge.web.kiosk.order import CLOSE
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper, decision


@pytest.fixture
def shopper(client: FlaskClient) -> Shopper:
    shopper = Shopper(client)
    shopper.begin()
    return shopper


def test_adding_repaints_the_bar_and_the_row_and_closes_the_dialog(shopper: Shopper) -> None:
    part = shopper.add("latte", composed="1", option__milk="oat", quantity="2")

    assert "£7.50" in part.text
    assert "Caffè Latte added." in part.text
    assert 'id="row"' in part.text
    assert 'id="cards"' not in part.text
    assert CLOSE in part.headers["HX-Trigger-After-Swap"]


def test_a_price_in_a_form_is_ignored(shopper: Shopper) -> None:
    part = shopper.add("latte", price_minor="1", unit_minor="1")

    assert "£3.75" in part.text


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "add", "sku": "latte", "composed": "1", "option.milk": "unicorn"},
        {"action": "add", "sku": "latte", "composed": "1", "quantity": "lots"},
        {"action": "steal", "sku": "latte"},
        {},
    ],
)
def test_a_form_that_does_not_fit_the_menu_shows_what_is_there(
    shopper: Shopper, fields: dict[str, str]
) -> None:
    answer = shopper.send("/kiosk/basket", **fields)

    assert answer.status_code == 200
    assert "Please choose again." in answer.text
    assert "Nothing here yet" in answer.text


def test_adding_from_a_row_is_recorded_with_its_slot(shopper: Shopper, shop: FakeShop) -> None:
    row = decision(shopper.client.get("/kiosk/menu"))
    shopper.add("croissant", decision=row, slot="0")

    assert [(e.kind, e.decision_id, e.slot) for e in shop.engagements] == [("add", row, 0)]


def test_one_nudge_at_most_is_shown_in_a_visit_and_no_thanks_comes_first(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.add("latte")
    first = shopper.tap("/kiosk/review").text
    second = shopper.tap("/kiosk/review").text

    assert first.index("No thanks") < first.index('id="yes-please"')
    assert "Goes well with your order" in first
    assert "No thanks" not in second
    assert [a.placement_id for a in shop.asked].count("kiosk-nudge") == 1


def test_no_thanks_is_recorded_and_closes(shopper: Shopper, shop: FakeShop) -> None:
    shopper.add("latte")
    nudge = decision(shopper.tap("/kiosk/review"))

    answer = shopper.send("/kiosk/nudge", decision=nudge, slot="0")

    assert [(e.kind, e.decision_id) for e in shop.engagements] == [("dismiss", nudge)]
    assert CLOSE in answer.headers["HX-Trigger-After-Swap"]


def test_an_empty_basket_is_not_nudged_and_shows_three_popular_products(
    shopper: Shopper, shop: FakeShop
) -> None:
    page = shopper.tap("/kiosk/review").text

    assert "Nothing here yet" in page
    assert page.count('class="strip-card"') == 3
    assert "No thanks" not in page
    assert shop.asked[-1].placement_id == "kiosk-empty"
    assert 'id="order"' not in page


def test_the_review_shows_lines_totals_allergens_and_kcal(shopper: Shopper) -> None:
    shopper.add("latte", composed="1", option__milk="oat", quantity="2")
    page = shopper.tap("/kiosk/review").text

    for words in ("Caffè Latte", "Oat drink", "£7.50", "Allergens in the whole order", "Gluten"):
        assert words in page
    assert "308 kcal" in page
    assert "VAT" in page


def test_lines_are_counted_changed_and_removed(shopper: Shopper) -> None:
    shopper.add("latte")
    counted = shopper.send("/kiosk/basket", action="count", line="1", quantity="3", view="review")
    assert "£11.25" in counted.text

    dialog = shopper.tap("/kiosk/line/1?view=review").text
    assert "Save £11.25" in dialog
    changed = shopper.add(
        "latte", line="1", composed="1", option__milk="soya", quantity="1", view="review"
    )
    assert "Caffè Latte changed." in changed.text
    assert "Soya drink" in changed.text

    removed = shopper.send("/kiosk/basket", action="remove", line="1", view="review")
    assert "Caffè Latte removed." in removed.text
    assert "Nothing here yet" in removed.text


def test_what_sold_out_is_swapped_in_the_basket(shopper: Shopper, shop: FakeShop) -> None:
    shopper.add("latte", composed="1", quantity="2")
    shop.sold_out.add("latte")

    page = shopper.tap("/kiosk/review").text
    assert "Something has just sold out." in page
    assert "Swap for" in page
    swapped = shopper.send(
        "/kiosk/basket", action="swap", line="1", sku="cappuccino", view="review"
    )
    assert "Swapped for Cappuccino." in swapped.text
    assert "£7.50" in swapped.text


def test_adding_what_has_just_sold_out_says_so(shopper: Shopper, shop: FakeShop) -> None:
    shop.sold_out.add("latte")

    part = shopper.add("latte")

    assert "Caffè Latte has just sold out." in part.text
    assert "Nothing in your order yet" not in part.text
    assert "£0.00" in part.text


def test_an_order_gets_its_number_and_is_paid_at_the_counter(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.add("latte", composed="1", option__milk="oat", quantity="2")
    shopper.tap("/kiosk/review")

    answer = shopper.send("/kiosk/order")

    assert answer.headers["HX-Redirect"] == "/kiosk/done/1"
    page = shopper.client.get("/kiosk/done/1").text
    assert "Pay at the counter" in page
    (order,) = shop.orders
    assert (order.total_minor, order.service, order.screen_id) == (750, "take_away", "kiosk-1")
    assert [(x.line.sku, x.line.quantity) for x in order.lines] == [("latte", 2)]


def test_an_order_sent_twice_is_one_order(shopper: Shopper, shop: FakeShop) -> None:
    shopper.add("latte")
    shop.is_disk_full = True
    shopper.send("/kiosk/order")
    first = shopper.send("/kiosk/order")
    assert "Please order at the counter." in first.text
    shop.is_disk_full = False
    shopper.send("/kiosk/order")
    again = shopper.send("/kiosk/order")

    assert again.headers["HX-Redirect"] == "/kiosk/done/1"
    assert len(shop.orders) == 1


def test_a_changed_basket_is_another_order(shopper: Shopper, shop: FakeShop) -> None:
    shopper.add("latte")
    shopper.send("/kiosk/order")
    shopper.begin()
    shopper.add("latte")
    shopper.send("/kiosk/order")

    assert len({order.order_id for order in shop.orders}) == 2


def test_with_a_full_disk_the_basket_stays_and_the_counter_is_named(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.add("latte")
    shop.is_disk_full = True

    page = shopper.send("/kiosk/order").text

    assert "Please order at the counter." in page
    assert "Caffè Latte" in page
    assert shop.orders == []


def test_an_order_of_something_that_just_sold_out_is_refused_kindly(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.add("latte")
    shopper.tap("/kiosk/review")
    shop.sold_out.add("latte")

    page = shopper.send("/kiosk/order").text

    assert "Something has just sold out." in page
    assert shop.orders == []


def test_an_empty_order_is_not_taken(shopper: Shopper, shop: FakeShop) -> None:
    assert "Nothing here yet" in shopper.send("/kiosk/order").text
    assert shop.orders == []


def test_eat_in_can_still_be_chosen_at_the_review(shopper: Shopper, shop: FakeShop) -> None:
    shopper.add("latte")
    shopper.send("/kiosk/service", service="eat_in")
    shopper.send("/kiosk/service", service="on the moon")
    shopper.send("/kiosk/order")

    assert shop.orders[0].service == "eat_in"


def test_after_the_number_every_other_page_leads_back_to_it(shopper: Shopper) -> None:
    shopper.add("latte")
    shopper.send("/kiosk/order")

    assert shopper.client.get("/kiosk/menu").headers["Location"] == "/kiosk/done/1"
    assert shopper.tap("/kiosk/item/latte").headers["HX-Redirect"] == "/kiosk/done/1"


def test_somebody_elses_number_is_not_shown(shopper: Shopper) -> None:
    assert shopper.client.get("/kiosk/done/7").headers["Location"] == "/kiosk/menu"


def test_a_product_that_left_the_catalog_leaves_the_basket(
    shopper: Shopper, shop: FakeShop
) -> None:
    shopper.add("latte")
    shopper.add("espresso")
    fields = {name: getattr(shop.site, name) for name in type(shop.site).model_fields}
    left = tuple(p for p in shop.site.products if p.sku != "latte")
    shop.site = type(shop.site)(**{**fields, "products": left})

    page = shopper.tap("/kiosk/review").text

    assert "Caffè Latte" not in page
    assert "Espresso" in page


def test_engagements_that_cannot_be_kept_do_not_stop_the_shopper(
    shopper: Shopper, shop: FakeShop
) -> None:
    row = decision(shopper.client.get("/kiosk/menu"))
    shop.is_disk_full = True

    assert shopper.add("croissant", decision=row, slot="0").status_code == 200
