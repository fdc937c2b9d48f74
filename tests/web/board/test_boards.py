"""Boards tell their screens when something on them changed, and count what was really shown."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.catalog.order import Line
from edge.decide.values import Asked, Reason, Shown, Slate
from edge.web.board.boards import Boards, BoardState
from edge.web.live import Subscriber
from edge.web.parts import parts_of
from edge.web.ports import OrderDraft
from tests.fakes.services import FakeShop


@pytest.fixture
def boards(app: Flask) -> Boards:
    return parts_of(app).boards


def state(boards: Boards, name: str = "board-1") -> BoardState:
    screen = boards.find(name)
    assert screen is not None
    found = boards.state(screen)
    assert found is not None
    return found


def heard(subscriber: Subscriber | None) -> int:
    assert subscriber is not None
    return len(subscriber.take(0))


def test_a_screen_is_found_by_its_id_and_by_its_board(boards: Boards) -> None:
    assert boards.find("board-1") == boards.find("coffee-bar")
    assert boards.find("kiosk-1") is None


def test_looking_again_without_a_change_tells_nobody(app: Flask, boards: Boards) -> None:
    boards.refresh()
    before = state(boards)
    with parts_of(app).hub.subscribed("board-1") as page:
        boards.refresh()

        assert heard(page) == 0
    assert state(boards) == before


def test_a_sold_out_product_is_told_at_once_to_its_board_alone(
    app: Flask, boards: Boards, shop: FakeShop
) -> None:
    boards.refresh()
    before = state(boards)
    with (
        parts_of(app).hub.subscribed("board-1") as one,
        parts_of(app).hub.subscribed("board-2") as two,
    ):
        shop.sold_out.add("espresso")
        boards.refresh()

        assert (heard(one), heard(two)) == (1, 0)
    after = state(boards)
    assert after.revision > before.revision
    assert "Sold out" in after.html


def test_a_hero_that_sells_out_is_replaced(boards: Boards, shop: FakeShop) -> None:
    hero = state(boards).view.hero
    assert hero is not None
    shop.sold_out.add(hero.sku)
    boards.refresh()

    after = state(boards).view.hero
    assert after is not None
    assert after.sku != hero.sku


@pytest.mark.parametrize("address", ["/board/board-1", "/"])
def test_what_is_offered_over_ice_is_large_over_ice_and_a_hot_drink_is_not(
    client: FlaskClient, boards: Boards, shop: FakeShop, address: str
) -> None:
    for offer_id, picture in (("over-ice", "latte-iced"), ("product:latte", "latte")):
        shown = Shown(0, offer_id, "latte", 1.0, {}, Reason.WEATHER, 1.0)
        shop.slates[offer_id] = Slate(offer_id, "board-hero", (shown,), "fake")
        boards.refresh()

        assert f"/art/hero/{picture}.svg" in client.get(address).text


def test_a_new_daypart_changes_the_board(boards: Boards, shop: FakeShop) -> None:
    assert state(boards).view.daypart == "Lunch"
    shop.clock.advance(timedelta(hours=3))
    boards.refresh()

    assert state(boards).view.daypart == "Afternoon"


def test_nothing_a_shopper_does_changes_a_board(
    boards: Boards, shop: FakeShop, client: FlaskClient
) -> None:
    boards.refresh()
    before = state(boards)
    services = shop.services()
    client.get("/kiosk/")
    services.serve(Asked("kiosk-strip", "kiosk-1", visit_id="v-canary", basket=("latte",)))
    line = Line("latte", {})
    services.take_order(OrderDraft("o-1", (line,), "eat_in", "kiosk-1", "v-canary"))
    boards.refresh()

    assert state(boards) == before
    assert "canary" not in state(boards).html


def test_another_language_shows_the_same_board_in_other_words(boards: Boards) -> None:
    shown = state(boards)

    assert 'lang="de"' in boards.html(shown, "de")
    assert 'lang="en"' in boards.html(shown, "xx")


def paint(boards: Boards, shown: BoardState) -> bool:
    return boards.painted(shown.screen, shown.revision, shown.digest)


def test_the_first_paint_of_a_hero_is_an_exposure_and_a_play(
    boards: Boards, shop: FakeShop
) -> None:
    shown = state(boards)

    assert paint(boards, shown)
    assert [(e.kind, e.decision_id, e.slot) for e in shop.engagements] == [
        ("exposure", shown.decision_id, 0),
        ("play", shown.decision_id, 0),
    ]
    assert {e.visit_id for e in shop.engagements} == {None}


def test_painting_the_same_revision_again_counts_nothing(boards: Boards, shop: FakeShop) -> None:
    paint(boards, state(boards))
    paint(boards, state(boards))

    assert len(shop.engagements) == 2


def test_the_same_hero_on_a_new_revision_is_a_play_but_no_second_exposure(
    boards: Boards, shop: FakeShop
) -> None:
    paint(boards, state(boards))
    shop.sold_out.add("espresso")
    boards.refresh()
    paint(boards, state(boards))

    assert [e.kind for e in shop.engagements] == ["exposure", "play", "play"]


def test_a_new_decision_for_the_same_product_is_exposed_too(boards: Boards, shop: FakeShop) -> None:
    paint(boards, state(boards))
    shop.slates.clear()
    boards.refresh()
    paint(boards, state(boards))

    assert [e.kind for e in shop.engagements] == ["exposure", "play"] * 2
    assert len({e.decision_id for e in shop.engagements}) == 2


def test_painting_what_is_not_shown_any_more_counts_nothing(boards: Boards, shop: FakeShop) -> None:
    old = state(boards)
    shop.sold_out.add("espresso")
    boards.refresh()

    assert not paint(boards, old)
    assert shop.engagements == []


def test_a_full_disk_does_not_stop_a_board(boards: Boards, shop: FakeShop) -> None:
    shop.is_disk_full = True

    assert paint(boards, state(boards))


def test_a_closed_shop_asks_for_no_hero(boards: Boards, shop: FakeShop) -> None:
    shop.clock.advance(timedelta(hours=12))
    boards.refresh()

    assert state(boards).view.closed is not None
    assert shop.asked == []


def test_the_page_and_its_state_are_the_same_board(client: FlaskClient) -> None:
    page = client.get("/board/board-1")
    found = client.get("/board/board-1/state").get_json()

    assert found["html"] in page.text
    assert f'data-revision="{found["rev"]}"' in page.text


def test_a_page_reports_what_it_painted(client: FlaskClient, shop: FakeShop) -> None:
    found = client.get("/board/board-1/state").get_json()
    body = {"rev": found["rev"], "hash": found["hash"], "ms": 31}

    answer = client.post("/board/board-1/painted", json=body)

    assert answer.get_json() == {"is_current": True}
    assert len(shop.engagements) == 2


@pytest.mark.parametrize("body", [{}, [], {"rev": "1", "hash": "x"}, {"rev": True, "hash": "x"}])
def test_a_report_of_another_shape_is_refused(client: FlaskClient, body: object) -> None:
    assert client.post("/board/board-1/painted", json=body).status_code == 422


def test_an_unknown_board_is_not_found(client: FlaskClient) -> None:
    assert client.get("/board/nothing").status_code == 404
    assert client.get("/board/kiosk-1").status_code == 404
