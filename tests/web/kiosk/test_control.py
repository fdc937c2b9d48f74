"""What a shopper is in control of, over HTTP: why, allergens, language, help, the end."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.app import create_app
from edge.web.parts import parts_of
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper, decision
from tests.web.conftest import browser


@pytest.fixture
def shopper(client: FlaskClient) -> Shopper:
    shopper = Shopper(client)
    shopper.begin()
    return shopper


def row(shopper: Shopper) -> str:
    return decision(shopper.client.get("/kiosk/menu"))


def test_why_these_names_what_was_used_and_is_recorded(shopper: Shopper, shop: FakeShop) -> None:
    decided = row(shopper)

    dialog = shopper.tap(f"/kiosk/why/{decided}").text

    for words in ("The time of day", "What sells here right now", "Who you are", "Any camera"):
        assert words in dialog
    assert [(e.kind, e.slot) for e in shop.engagements] == [("why_opened", None)]


def test_the_explanation_of_one_shopper_is_not_shown_to_another(
    shopper: Shopper, app: Flask
) -> None:
    other = Shopper(browser(app))
    other.begin(screen="kiosk-2")

    assert other.tap(f"/kiosk/why/{row(shopper)}").headers["HX-Redirect"] == "/kiosk/"


def test_the_normal_order_lasts_for_the_visit_and_can_be_taken_back(
    shopper: Shopper, shop: FakeShop
) -> None:
    part = shopper.send("/kiosk/personal/off", off="1").text
    assert "You see the menu in its normal order." in part
    asked = len(shop.asked)

    assert "data-decision" not in shopper.client.get("/kiosk/menu").text
    shopper.add("latte")
    assert "No thanks" not in shopper.tap("/kiosk/review").text
    assert len(shop.asked) == asked

    assert "data-decision" in shopper.send("/kiosk/personal/off", off="0").text


def test_fewer_like_this_asks_for_fewer_of_its_category(shopper: Shopper, shop: FakeShop) -> None:
    shopper.send("/kiosk/personal/fewer", sku="croissant")

    assert shop.asked[-1].fewer == {"croissant"}


def test_on_the_review_the_wishes_repaint_the_review(shopper: Shopper) -> None:
    decided = decision(shopper.tap("/kiosk/review"))
    dialog = shopper.tap(f"/kiosk/why/{decided}?view=review").text
    assert 'hx-target="#row"' not in dialog

    page = shopper.send("/kiosk/personal/fewer", sku="croissant", view="review").text
    assert "Nothing here yet" in page


def test_how_suggestions_work_is_said_in_plain_words(shopper: Shopper) -> None:
    assert "Prices are the same for everybody." in shopper.tap("/kiosk/suggestions").text


def test_the_filter_hides_items_says_so_and_speaks_of_cross_contact(shopper: Shopper) -> None:
    dialog = shopper.tap("/kiosk/allergens").text
    assert dialog.count('type="checkbox"') == 14
    assert "cross-contact" in dialog

    page = shopper.send("/kiosk/allergens", avoid=["gluten", "nonsense"], section="bakery").text
    assert "Hidden: items with Gluten." in page
    assert "Butter Croissant" not in page
    assert 'data-section="bakery"' in page
    assert "checked" in shopper.tap("/kiosk/allergens").text

    assert "Hidden: items" not in shopper.send("/kiosk/allergens").text


def test_a_section_the_filter_empties_leads_to_the_others(shopper: Shopper) -> None:
    page = shopper.send("/kiosk/allergens", avoid=["gluten"], section="bakery").text

    assert "Nothing here matches your allergen choices." in page
    assert "Coffee" in page


def test_allergens_reach_the_decision_and_no_record(shopper: Shopper, shop: FakeShop) -> None:
    shopper.send("/kiosk/allergens", avoid=["celery"])
    shopper.add("latte")
    shopper.send("/kiosk/order")

    assert "celery" in str(shop.asked[-1].avoid)
    assert "celery" not in str(shop.engagements)
    assert all(order.visit_id for order in shop.orders)


def test_another_language_is_spoken_from_there_on(shopper: Shopper) -> None:
    dialog = shopper.tap("/kiosk/language").text
    assert "Deutsch" in dialog

    answer = shopper.client.post(
        "/kiosk/language", data={"csrf_token": shopper.token, "lang": "de", "view": "review"}
    )

    assert answer.headers["Location"] == "/kiosk/review"
    assert "Ihre Bestellung" in shopper.client.get("/kiosk/review").text


def test_a_call_for_help_reaches_the_team_and_comes_back_seen(
    shopper: Shopper, app: Flask, shop: FakeShop
) -> None:
    desk = parts_of(app).help_desk
    assert "We told the team" in shopper.send("/kiosk/help").text
    (call,) = desk.open()
    assert call.screen_id == "kiosk-1"

    shop.clock.advance(timedelta(seconds=61))
    shopper.tell("/kiosk/alive", {"touched": True})
    late = shopper.tap(f"/kiosk/help/{call.help_id}").text
    assert "so we called again" in late

    desk.acknowledge(call.help_id)
    shop.clock.advance(timedelta(seconds=12))
    assert "Seen 12 s ago" in shopper.tap(f"/kiosk/help/{call.help_id}").text
    desk.close("kiosk-1")
    assert "Your call was answered." in shopper.tap(f"/kiosk/help/{call.help_id}").text


def test_a_row_is_recorded_as_seen_once(shopper: Shopper, shop: FakeShop) -> None:
    decided = row(shopper)
    bodies: tuple[object, ...] = ({"decision": decided}, {"decision": "other"}, [], "x")
    for body in (*bodies, {"decision": decided}):
        assert shopper.tell("/kiosk/seen", body).status_code == 204

    assert [(e.kind, e.decision_id, e.slot) for e in shop.engagements] == [
        ("exposure", decided, None)
    ]


def test_touches_keep_a_visit_and_looking_does_not(shopper: Shopper, shop: FakeShop) -> None:
    for _ in range(12):
        shop.clock.advance(timedelta(seconds=60))
        assert shopper.tell("/kiosk/alive", {"touched": True}).status_code == 204
    shop.clock.advance(timedelta(seconds=60))
    assert shopper.tell("/kiosk/alive", {"touched": False}).status_code == 204
    shopper.tap("/kiosk/stock?skus=latte")
    shopper.tap("/kiosk/review?by=stock")
    shop.clock.advance(timedelta(seconds=15))

    gone = shopper.tell("/kiosk/alive", {"touched": True})
    assert gone.status_code == 410
    assert not shopper.has_key()


def test_an_open_product_gives_a_little_more_time(shopper: Shopper, shop: FakeShop) -> None:
    shopper.tell("/kiosk/alive", {"touched": True, "item": True})
    shop.clock.advance(timedelta(seconds=89))

    assert shopper.tell("/kiosk/alive", {"touched": False}).status_code == 204


@pytest.mark.parametrize("path", ["/kiosk/menu", "/kiosk/review", "/kiosk/done/1"])
def test_without_a_visit_every_page_is_the_first_one(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Location"] == "/kiosk/"
    part = client.get(path, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/kiosk/"


def test_start_over_asks_first_and_then_forgets(shopper: Shopper) -> None:
    assert shopper.has_key()
    shopper.add("latte")
    assert "1 item in your order will be cleared." in shopper.tap("/kiosk/over").text

    answer = shopper.client.post("/kiosk/end", data={"csrf_token": shopper.token})

    assert answer.headers["Location"] == "/kiosk/"
    assert not shopper.has_key()
    assert shopper.client.get("/kiosk/menu").headers["Location"] == "/kiosk/"


def test_the_end_takes_the_call_for_help_along(shopper: Shopper, app: Flask) -> None:
    shopper.send("/kiosk/help")
    shopper.tell("/kiosk/end", {"reason": "idle"})

    assert parts_of(app).help_desk.open() == ()


def test_a_second_kiosk_returns_to_its_own_first_screen(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.begin(screen="kiosk-2")

    answer = client.post("/kiosk/end", data={"csrf_token": shopper.token})

    assert answer.headers["Location"] == "/kiosk/?screen=kiosk-2"


def test_two_kiosks_do_not_see_each_other(shopper: Shopper, app: Flask) -> None:
    other = Shopper(browser(app))
    other.begin(screen="kiosk-2")
    shopper.add("latte")
    shopper.send("/kiosk/allergens", avoid=["milk"])

    assert "Nothing in your order yet" in other.client.get("/kiosk/menu").text
    assert "Hidden: items" not in other.client.get("/kiosk/menu").text
    shopper.tell("/kiosk/end", {})
    assert other.client.get("/kiosk/menu").status_code == 200


def test_coming_back_to_the_first_screen_ends_the_visit(shopper: Shopper) -> None:
    shopper.add("latte")
    shopper.client.get("/kiosk/")

    assert shopper.client.get("/kiosk/menu").headers["Location"] == "/kiosk/"


@pytest.mark.parametrize(("is_demo", "clears"), [(True, False), (False, True)])
def test_only_a_browser_of_its_own_is_cleared_as_a_whole(
    shop: FakeShop, *, is_demo: bool, clears: bool
) -> None:
    shop.is_demo = is_demo
    app = create_app(shop.services())
    shopper = Shopper(browser(app))
    shopper.begin()

    answer = shopper.tell("/kiosk/end", {"reason": "idle"})

    assert answer.status_code == 204
    assert ("Clear-Site-Data" in answer.headers) is clears
