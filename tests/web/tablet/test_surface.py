"""The tablet: calls for help, stock in two taps, the weather, and the guide."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from edge.context.moment import Weather
from edge.web.app import create_app
from edge.web.parts import parts_of
from tests.fakes.services import FakeShop
from tests.web.conftest import browser


def post(client: FlaskClient, token: str, address: str, **data: str) -> str:
    response = client.post(address, data={**data, "csrf_token": token})
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def test_nobody_waiting_and_everything_there_is_said(client: FlaskClient) -> None:
    page = client.get("/tablet/").text

    assert "No one needs help right now." in page
    assert "Everything is in stock." in page


def test_a_call_for_help_is_taken_and_the_kiosk_can_see_it(
    app: Flask, client: FlaskClient, token: str
) -> None:
    desk = parts_of(app).help_desk
    call = desk.ask("kiosk-1")
    assert "Kiosk 1" in client.get("/tablet/").text

    post(client, token, "/tablet/ack-help", help_id=call.help_id)

    seen = desk.get(call.help_id)
    assert seen is not None
    assert seen.seen_at is not None
    assert "Someone is on the way" in client.get("/tablet/").text


def test_a_call_nobody_takes_is_called_out_again(
    app: Flask, client: FlaskClient, shop: FakeShop
) -> None:
    parts_of(app).help_desk.ask("kiosk-1")
    shop.clock.advance(timedelta(seconds=61))

    assert "Waiting for over a minute" in client.get("/tablet/").text


def test_a_call_tells_the_tablets_at_once(app: Flask) -> None:
    with parts_of(app).hub.subscribed("tablet-1") as page:
        parts_of(app).help_desk.ask("kiosk-1")

        assert page is not None
        assert [(e.name, e.text) for e in page.take(0)] == [("help", '{"open":1}')]


def test_marking_sold_out_reaches_the_board_before_the_answer(
    app: Flask, client: FlaskClient, shop: FakeShop, token: str
) -> None:
    parts_of(app).boards.refresh()
    with parts_of(app).hub.subscribed("board-1") as board:
        post(client, token, "/tablet/stock", sku="espresso", state="out")

        assert board is not None
        assert [event.name for event in board.take(0)] == ["board"]
    assert shop.sold_out == {"espresso"}


def test_a_change_can_be_taken_back_for_ten_seconds(
    client: FlaskClient, shop: FakeShop, token: str
) -> None:
    after = post(client, token, "/tablet/stock", sku="espresso", state="out")

    assert 'id="undo"' in client.get(after).text
    shop.clock.advance(timedelta(seconds=9))
    assert 'data-left-ms="1000"' in client.get(after).text
    shop.clock.advance(timedelta(seconds=1))
    assert 'id="undo"' not in client.get(after).text


def test_taking_back_brings_the_product_back(
    client: FlaskClient, shop: FakeShop, token: str
) -> None:
    post(client, token, "/tablet/stock", sku="espresso", state="out")
    post(client, token, "/tablet/stock", sku="espresso", state="in")

    assert shop.sold_out == set()


@pytest.mark.parametrize(
    ("change", "status"),
    [({"sku": "unknown", "state": "out"}, 422), ({"sku": "espresso", "state": "maybe"}, 400)],
)
def test_a_change_of_nothing_is_refused(
    client: FlaskClient, shop: FakeShop, token: str, change: dict[str, str], status: int
) -> None:
    data = {**change, "csrf_token": token}

    assert client.post("/tablet/stock", data=data).status_code == status
    assert shop.sold_out == set()


@pytest.mark.parametrize("at", ["0", "-1", "x", "9" * 30])
def test_a_made_up_moment_offers_no_undo(client: FlaskClient, at: str) -> None:
    assert 'id="undo"' not in client.get(f"/tablet/stock?changed=espresso&at={at}").text


def test_the_weather_is_entered_by_hand(client: FlaskClient, shop: FakeShop, token: str) -> None:
    post(client, token, "/tablet/weather", temp_c="5", wet="on")

    assert shop.weather == Weather(5.0, is_wet=True)
    assert "5 °C" in client.get("/tablet/").text


@pytest.mark.parametrize("temperature", ["", "nan", "1000", "x"])
def test_a_temperature_nobody_offered_is_refused(
    client: FlaskClient, shop: FakeShop, token: str, temperature: str
) -> None:
    response = client.post("/tablet/weather", data={"temp_c": temperature, "csrf_token": token})

    assert response.status_code in {400, 422}
    assert shop.weather is None


def test_the_guide_asks_one_question_after_the_other(client: FlaskClient, shop: FakeShop) -> None:
    for step, question in enumerate(shop.site.guide):
        given = "&".join(f"a={q.answers[0].id}" for q in shop.site.guide[:step])
        page = client.get(f"/tablet/guide?{given}").text
        assert question.ask["en"] in page
        for answer in question.answers:
            assert answer.label["en"] in page


def test_the_answers_decide_and_are_never_tied_to_anybody(
    client: FlaskClient, shop: FakeShop
) -> None:
    page = client.get("/tablet/guide?a=cold&a=either&a=either&a=either").text

    (asked,) = shop.asked
    assert asked.placement_id == "tablet-guide"
    assert asked.answers == (frozenset({"cold"}),)
    assert asked.visit_id is None
    (slate,) = shop.slates.values()
    for shown in slate.shown:
        product = shop.site.product(shown.sku)
        assert product is not None
        assert product.say is not None
        assert product.name["en"] in page
        assert escape(product.say["en"]) in page
    assert "Contains" in page or "None of the 14" in page


def test_when_nothing_fits_the_guide_says_so(client: FlaskClient, shop: FakeShop) -> None:
    shop.sold_out = {product.sku for product in shop.site.products}

    page = client.get("/tablet/guide?a=cold&a=sweet&a=caffeine&a=filling").text

    assert "No suggestion fits all of this." in page
    assert 'href="/tablet/guide"' in page


@pytest.mark.parametrize("given", ["a=nothing", "a=hot&a=sweet&a=either&a=either&a=either"])
def test_answers_to_no_question_are_not_found(client: FlaskClient, given: str) -> None:
    assert client.get(f"/tablet/guide?{given}").status_code == 404


def test_suggestions_that_were_seen_are_reported(client: FlaskClient, shop: FakeShop) -> None:
    response = client.post("/tablet/painted", json={"decision_id": "d-1"})

    assert response.status_code == 204
    assert [(e.kind, e.decision_id) for e in shop.engagements] == [("exposure", "d-1")]


def test_the_tablet_speaks_what_its_browser_asks_for(client: FlaskClient) -> None:
    page = client.get("/tablet/", headers={"Accept-Language": "de-DE,de;q=0.9"}).text

    assert '<html lang="de"' in page
    assert "Gerade braucht niemand Hilfe." in page


@pytest.mark.parametrize("address", ["/tablet/", "/tablet/stock", "/ops/", "/ops/licences"])
def test_outside_the_demo_only_the_appliance_itself_may_look(address: str) -> None:
    client = browser(create_app(FakeShop(is_demo=False).services()))

    here = client.get(address, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    elsewhere = client.get(address, environ_overrides={"REMOTE_ADDR": "192.168.1.7"})

    assert (here.status_code, elsewhere.status_code) == (200, 403)
    assert "Demo" not in here.text
