"""A phone comes to a kiosk: the screen's code, its picture, the invitation."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper
from tests.web.conftest import browser


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


def test_the_start_offers_both_ways_and_the_guest_is_chosen(passer_by: Shopper) -> None:
    page = passer_by.client.get("/kiosk/start?screen=kiosk-1").text

    assert re.search(r'id="as-guest" aria-pressed="true"', page)
    assert re.search(r'id="tastes" aria-pressed="false"', page)


def test_the_dialog_shows_a_code_for_a_minute_in_words_and_as_a_picture(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    dialog = passer_by.tap("/kiosk/pair?screen=kiosk-1").text

    assert "ABC 001" in dialog
    assert 'data-left-ms="60000"' in dialog
    assert "Order as guest" in dialog
    picture = passer_by.client.get("/kiosk/pair.svg?screen=kiosk-1")
    assert picture.content_type.startswith("image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert 'viewBox="0 0 37 37"' in picture.text  # version 3 and its white border
    assert recognition.pairings == 1  # the picture makes none of its own


def test_a_new_code_comes_on_request_and_in_another_language(passer_by: Shopper) -> None:
    passer_by.tap("/kiosk/pair?screen=kiosk-1")
    first = passer_by.client.get("/kiosk/pair.svg?screen=kiosk-1").text
    dialog = passer_by.tap("/kiosk/pair?screen=kiosk-1&lang=de").text

    assert "ABC 002" in dialog
    assert "Neuen Code zeigen" in dialog
    assert passer_by.client.get("/kiosk/pair.svg?screen=kiosk-1").text != first


def test_a_code_that_ran_out_has_no_picture_any_more(passer_by: Shopper, shop: KnowingShop) -> None:
    passer_by.tap("/kiosk/pair?screen=kiosk-1")
    shop.clock.advance(timedelta(seconds=60))

    assert passer_by.client.get("/kiosk/pair.svg?screen=kiosk-1").status_code == 404


def test_each_screen_shows_its_own_code_and_none_after_it_was_left(passer_by: Shopper) -> None:
    passer_by.tap("/kiosk/pair?screen=kiosk-1")
    assert passer_by.client.get("/kiosk/pair.svg?screen=kiosk-2").status_code == 404

    passer_by.client.get("/kiosk/?screen=kiosk-1")
    assert passer_by.client.get("/kiosk/pair.svg?screen=kiosk-1").status_code == 404


def test_asked_for_as_a_page_the_dialog_leads_to_the_start_and_makes_no_code(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    answer = passer_by.client.get("/kiosk/pair?screen=kiosk-1")

    assert answer.headers["Location"] == "/kiosk/start?screen=kiosk-1"
    assert recognition.pairings == 0


def test_a_visit_has_longer_while_a_phone_is_taken_out(shopper: Shopper, shop: KnowingShop) -> None:
    shopper.tap("/kiosk/pair")
    shop.clock.advance(timedelta(seconds=76))
    assert shopper.client.get("/kiosk/menu").status_code == 200

    shop.clock.advance(timedelta(seconds=76))
    assert shopper.client.get("/kiosk/menu").status_code == 303


def test_a_beacon_invites_and_names_nothing(shopper: Shopper, recognition: FakeRecognition) -> None:
    recognition.alex.greeting = recognition.alex.greeting.__class__(
        "Alexandra", "usual", "usual", recognition.alex.greeting.purposes, recognition.clock()
    )
    recognition.invited.add("kiosk-1")
    page = shopper.client.get("/kiosk/menu").text
    dialog = shopper.tap("/kiosk/invite").text

    assert "Personalise here? Tap" in page
    assert "Nothing about you is saved." in page
    assert "This screen does not know who you are." in dialog
    for personal in ("Alexandra", "Welcome back", "Your usual", "data-personal"):
        assert personal not in page + dialog


def test_the_invitation_goes_when_the_beacon_does(
    shopper: Shopper, recognition: FakeRecognition
) -> None:
    recognition.invited.add("kiosk-1")
    assert "Personalise here? Tap" in shopper.tap("/kiosk/standing").text
    recognition.invited.clear()

    assert "Personalise here? Tap" not in shopper.tap("/kiosk/standing").text


def test_refused_once_it_does_not_come_back_in_this_visit_and_does_in_the_next(
    shopper: Shopper, recognition: FakeRecognition, app: Flask
) -> None:
    recognition.invited.add("kiosk-1")
    assert "Personalise here? Tap" not in shopper.send("/kiosk/invite").text
    assert "Personalise here? Tap" not in shopper.client.get("/kiosk/menu").text

    other = Shopper(browser(app))
    assert "Personalise here? Tap" in other.begin().text


def test_the_invitation_is_never_on_the_first_picture(
    passer_by: Shopper, recognition: FakeRecognition
) -> None:
    recognition.invited.add("kiosk-1")

    assert "Personalise" not in passer_by.client.get("/kiosk/?screen=kiosk-1").text


def test_the_first_picture_says_what_the_screens_react_to(passer_by: Shopper) -> None:
    page = passer_by.client.get("/kiosk/?screen=kiosk-1").text

    assert (
        "Screens here react to time, weather and stock. They recognise you only if you show your"
        " code or tap your app. Cameras here read codes; no picture is kept." in page
    )
