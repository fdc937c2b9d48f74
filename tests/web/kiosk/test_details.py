"""Behind a personal row: a category for everybody who looks over a shoulder, more on request."""

import pytest

from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


@pytest.fixture
def alex(shopper: Shopper, recognition: FakeRecognition) -> Shopper:
    recognition.arrive("kiosk-1")
    shopper.client.get("/kiosk/menu")
    return shopper


def slate_of(shop: KnowingShop, placement_id: str) -> str:
    slates = reversed(shop.slates.values())
    return next(s.decision_id for s in slates if s.placement_id == placement_id)


def test_neither_the_row_nor_its_reasons_say_what_was_bought_when(
    alex: Shopper, shop: KnowingShop
) -> None:
    page = alex.client.get("/kiosk/menu").text
    dialog = alex.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-usual')}").text

    for words in ("February", "last ordered", "you gave it a star"):
        assert words not in page + dialog
    assert "Show details" in dialog


def test_after_a_touch_the_product_and_the_day_are_said(alex: Shopper, shop: KnowingShop) -> None:
    details = alex.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-usual')}/details").text

    assert "Butter Croissant: last ordered on 28 February 2026." in details
    assert "Classic Chai: you gave it a star." in details
    assert "data-personal" in details


def test_a_taste_names_what_it_comes_from(alex: Shopper, shop: KnowingShop) -> None:
    details = alex.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-tastes')}/details").text

    assert ", because of Classic Chai: you gave it a star." in details


def test_what_was_taken_back_since_is_not_said(
    alex: Shopper, shop: KnowingShop, recognition: FakeRecognition
) -> None:
    recognition.alex.bought = ()
    details = alex.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-usual')}/details").text

    assert "last ordered" not in details
    assert "Classic Chai: you gave it a star." in details


def test_once_they_left_nobody_can_ask(
    alex: Shopper, shop: KnowingShop, recognition: FakeRecognition
) -> None:
    decided = slate_of(shop, "kiosk-usual")
    recognition.leave("kiosk-1")

    assert alex.is_sent_home(f"/kiosk/why/{decided}")


def test_once_they_left_nobody_can_ask_for_details_either(
    alex: Shopper, shop: KnowingShop, recognition: FakeRecognition
) -> None:
    decided = slate_of(shop, "kiosk-usual")
    recognition.leave("kiosk-1")

    assert alex.is_sent_home(f"/kiosk/why/{decided}/details")


def test_the_dialog_says_what_would_be_there_instead(alex: Shopper, shop: KnowingShop) -> None:
    dialog = alex.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-usual')}").text

    assert "Without your past orders, this row would show: Espresso, Earl Grey." in dialog
    assert "For good: on your phone" in dialog
    assert "What you bought before" not in dialog
    assert "Your name" in dialog


def test_a_guest_is_told_nothing_of_it(shopper: Shopper, shop: KnowingShop) -> None:
    dialog = shopper.tap(f"/kiosk/why/{slate_of(shop, 'kiosk-strip')}").text

    for words in ("Show details", "Without what you shared", "Forget my tastes", "data-personal"):
        assert words not in dialog
    assert "What you bought before" in dialog
