"""A recognised visitor: what they see, what they decide, and that all of it goes with them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from edge.identity.consent import Purpose
from tests.fakes.recognition import SAM_CODE, FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper
from tests.web.conftest import browser

PERSONAL = ("Welcome back", "Your usual", "Disconnect", "data-personal", "Goes with what you like")


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


def personal_in(page: str) -> list[str]:
    return [words for words in PERSONAL if words in page]


def test_the_line_says_what_is_used_and_how_to_leave(alex: Shopper) -> None:
    page = alex.client.get("/kiosk/menu").text

    assert "You are ordering as a guest" not in page
    assert "the tastes you told us, what you ordered here" in re.sub(r"\s+", " ", page)
    assert "Disconnect" in page
    assert "Forget" in page


def test_only_what_is_allowed_is_said_to_be_used(
    shopper: Shopper, recognition: FakeRecognition
) -> None:
    recognition.arrive("kiosk-1", SAM_CODE)
    page = shopper.client.get("/kiosk/menu").text

    assert "the tastes you told us" in page
    assert "what you ordered here" not in page


def test_offers_on_the_phone_alone_are_nothing_for_a_kiosk(
    alex: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    only = frozenset({Purpose.PHONE_OFFERS})
    recognition.alex.greeting = replace(recognition.alex.greeting, purposes=only)
    page = alex.client.get("/kiosk/menu").text

    assert "Nothing you shared is used on this screen." in page
    assert "Your usual" not in page
    assert all(asked.recognised is None for asked in shop.asked)


@pytest.mark.parametrize(("name", "said"), [("", "Welcome back<"), ("Alex", "Welcome back, Alex")])
def test_the_name_is_said_only_where_it_was_switched_on(
    alex: Shopper, recognition: FakeRecognition, name: str, said: str
) -> None:
    recognition.alex.greeting = replace(recognition.alex.greeting, name=name)

    assert said in alex.client.get("/kiosk/menu").text


def test_a_name_is_words_and_never_markup(alex: Shopper, recognition: FakeRecognition) -> None:
    recognition.alex.greeting = replace(recognition.alex.greeting, name="<b>x</b>")

    assert "<b>x" not in alex.client.get("/kiosk/menu").text


def test_what_is_recognised_is_read_anew_for_each_decision(
    alex: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    alex.client.get("/kiosk/menu")
    assert shop.asked[-1].recognised is not None
    assert shop.asked[-1].recognised.bought
    tastes = frozenset({Purpose.TASTES})
    recognition.alex.greeting = replace(recognition.alex.greeting, purposes=tastes)
    alex.client.get("/kiosk/menu")

    assert shop.asked[-1].recognised is not None
    assert shop.asked[-1].recognised.bought == ()


def test_another_row_is_chosen_and_stays_chosen_while_the_order_grows(
    alex: Shopper, shop: KnowingShop
) -> None:
    part = alex.send("/kiosk/rows", row="kiosk-new").text
    assert re.search(r'id="choose-kiosk-new" aria-pressed="true"', part)
    bar = alex.add("espresso").text

    assert re.search(r'id="choose-kiosk-new" aria-pressed="true"', bar)
    assert "kiosk-tastes" not in {asked.placement_id for asked in shop.asked[-4:]}
    assert alex.send("/kiosk/rows", row="board-hero").status_code == 200
    assert "board-hero" not in {asked.placement_id for asked in shop.asked}


def test_disconnecting_leaves_a_guest_with_the_same_basket(
    alex: Shopper, recognition: FakeRecognition
) -> None:
    alex.add("latte")
    page = alex.send("/kiosk/personal/leave", view="menu").text

    assert personal_in(page) == []
    assert "You are ordering as a guest" in page
    assert "1 item" in page
    assert recognition.left == ["kiosk-1"]
    assert personal_in(alex.client.get("/kiosk/menu").text) == []


def test_disconnecting_on_the_review_stays_there(alex: Shopper) -> None:
    alex.add("latte")

    assert 'data-view="review"' in alex.send("/kiosk/personal/leave", view="review").text


def test_at_the_start_ordering_as_guest_lets_go(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    recognition.arrive("kiosk-1")
    page = passer_by.client.get("/kiosk/start?screen=kiosk-1&lang=de").text
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "screen": "kiosk-1", "lang": "de"}
    answer = passer_by.client.post("/kiosk/personal/leave", data=fields)

    assert answer.headers["Location"] == "/kiosk/start?screen=kiosk-1&lang=de"
    assert recognition.presence("kiosk-1") is None


def test_forgetting_asks_first_and_says_where_the_rest_is_erased(alex: Shopper) -> None:
    dialog = alex.tap("/kiosk/personal/forget").text

    assert "This kiosk lets go of you at once." in dialog
    assert "My data" in dialog


def test_forgetting_takes_wishes_and_rows_and_the_line_to_what_was_done(
    alex: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    alex.send("/kiosk/personal/fewer", sku="croissant")
    known_id = shop.asked[-1].visit_id
    decided = next(iter(reversed(shop.slates)))
    page = alex.send("/kiosk/personal/forget", view="menu").text

    assert "Forgotten on this kiosk" in page
    assert personal_in(page.partition('id="dialog"')[0]) == []
    assert recognition.presence("kiosk-1") is None
    assert shop.asked[-1].fewer == frozenset()
    assert shop.asked[-1].visit_id != known_id
    assert alex.is_sent_home(f"/kiosk/why/{decided}")


def test_a_guest_and_a_customer_share_no_visit_id(
    shopper: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    before = shop.asked[-1].visit_id
    recognition.arrive("kiosk-1")
    shopper.client.get("/kiosk/menu")
    known = {asked.visit_id for asked in shop.asked if asked.recognised}
    recognition.leave("kiosk-1")
    shopper.client.get("/kiosk/menu")

    assert len({before, *known, shop.asked[-1].visit_id}) == 3
    assert all(asked.recognised is None for asked in shop.asked if asked.visit_id not in known)


def test_another_customer_finds_the_basket_and_none_of_the_others_wishes(
    alex: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    alex.add("latte")
    alex.send("/kiosk/allergens", avoid=["nuts"])
    theirs = next(iter(reversed(shop.slates)))
    recognition.arrive("kiosk-1", SAM_CODE)
    page = alex.client.get("/kiosk/menu").text

    assert "1 item" in page
    assert "Hidden: items with" not in page
    assert alex.is_sent_home(f"/kiosk/why/{theirs}")


def test_their_code_shown_again_changes_nothing_they_chose(
    alex: Shopper, recognition: FakeRecognition
) -> None:
    alex.send("/kiosk/allergens", avoid=["nuts"])
    recognition.arrive("kiosk-1")

    assert "Hidden: items with Nuts." in alex.client.get("/kiosk/menu").text


def test_when_the_presence_is_over_the_next_page_is_a_guests(
    alex: Shopper, shop: KnowingShop, recognition: FakeRecognition
) -> None:
    presence = recognition.presence("kiosk-1")
    assert presence is not None
    assert personal_in(alex.client.get("/kiosk/menu").text) == list(PERSONAL)
    for _ in range(30):
        shop.clock.advance(timedelta(seconds=21))
        alex.client.get("/kiosk/menu")

    page = alex.client.get("/kiosk/menu").text
    assert shop.clock() > presence.until_at
    assert personal_in(page) == []


def test_the_page_learns_how_long_it_may_keep_what_is_personal(
    alex: Shopper, shop: KnowingShop
) -> None:
    assert 'data-left-ms="600000"' in alex.client.get("/kiosk/menu").text
    shop.clock.advance(timedelta(seconds=30))
    assert 'data-left-ms="570000"' in alex.client.get("/kiosk/menu").text


@pytest.mark.parametrize("way", ["end", "attract"])
def test_with_the_visit_the_customer_has_left(
    alex: Shopper, recognition: FakeRecognition, way: str
) -> None:
    if way == "end":
        alex.tell("/kiosk/end", {"reason": "asked"})
    else:
        alex.client.get("/kiosk/?screen=kiosk-1")

    assert recognition.presence("kiosk-1") is None


def test_a_visit_that_begins_keeps_who_was_recognised_at_the_start(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    passer_by.client.get("/kiosk/?screen=kiosk-1")
    recognition.arrive("kiosk-1")

    assert "Your usual" in passer_by.begin().text


def test_a_customer_at_one_screen_is_nobody_at_another(
    alex: Shopper, app: Flask, shop: KnowingShop
) -> None:
    other = Shopper(browser(app))

    assert personal_in(other.begin(screen="kiosk-2").text) == []
    assert shop.asked[-1].recognised is None


def test_a_known_visit_has_less_time(alex: Shopper, shop: KnowingShop) -> None:
    alex.client.get("/kiosk/menu")
    shop.clock.advance(timedelta(seconds=61))

    assert alex.client.get("/kiosk/menu").headers["Location"] == "/kiosk/"


def test_less_help_folds_the_rows_and_brings_no_nudge(
    alex: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    recognition.alex.greeting = replace(recognition.alex.greeting, help_level="less")
    shop.asked.clear()
    page = alex.client.get("/kiosk/menu").text
    assert "There are suggestions for you." in page
    assert shop.asked == []  # what is folded is not decided

    assert "Your usual" in alex.send("/kiosk/rows").text
    alex.add("latte")
    assert "No thanks" not in alex.tap("/kiosk/review").text
    assert "kiosk-nudge" not in {asked.placement_id for asked in shop.asked}


def test_more_help_says_the_reason_on_each_card(
    alex: Shopper, recognition: FakeRecognition
) -> None:
    few = alex.client.get("/kiosk/menu").text.count("Goes with what you like")
    recognition.alex.greeting = replace(recognition.alex.greeting, help_level="more")

    many = alex.client.get("/kiosk/menu").text.count("Goes with what you like")
    assert many == few + 3


def test_the_normal_order_shows_no_personal_row(alex: Shopper, shop: KnowingShop) -> None:
    part = alex.send("/kiosk/personal/off", off="1").text
    shop.asked.clear()

    assert "You see the menu in its normal order." in part
    assert "Your usual" not in alex.client.get("/kiosk/menu").text
    assert shop.asked == []
