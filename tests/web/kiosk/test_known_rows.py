"""The rows of a recognised visitor: their usual, and the first of a choice that has something."""

import re

import pytest

from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


def asked(shop: KnowingShop) -> list[str]:
    return [one.placement_id for one in shop.asked]


def test_the_usual_and_one_row_are_decided_and_no_others(alex: Shopper, shop: KnowingShop) -> None:
    shop.asked.clear()
    alex.client.get("/kiosk/menu")

    assert sorted(asked(shop)) == ["kiosk-tastes", "kiosk-usual"]


def test_a_row_with_nothing_gives_way_to_the_next(
    alex: Shopper, shop: KnowingShop, recognition: FakeRecognition
) -> None:
    recognition.alex.bought = ()
    recognition.alex.starred = frozenset()
    shop.asked.clear()
    page = alex.client.get("/kiosk/menu").text

    assert asked(shop) == ["kiosk-tastes", "kiosk-new", "kiosk-strip", "kiosk-usual"]
    assert re.search(r'id="choose-kiosk-strip" aria-pressed="true"', page)
    assert "Your usual" not in page


def test_a_row_that_was_chosen_and_has_nothing_says_so(
    alex: Shopper, recognition: FakeRecognition
) -> None:
    recognition.alex.bought = ()
    recognition.alex.starred = frozenset()

    assert "Nothing here yet" in alex.send("/kiosk/rows", row="kiosk-new").text


def test_one_touch_adds_what_needs_no_choice_and_opens_what_does(alex: Shopper) -> None:
    page = alex.client.get("/kiosk/menu").text

    croissant = re.search(r'<button[^>]*id="usual-croissant"[^>]*>', page)
    latte = re.search(r'<button[^>]*id="usual-latte"[^>]*>', page)
    assert croissant
    assert latte
    assert "hx-get" not in croissant[0]
    assert "/kiosk/item/latte?decision=" in latte[0]


def test_a_usual_that_is_added_is_recorded_as_its_row(alex: Shopper, shop: KnowingShop) -> None:
    alex.client.get("/kiosk/menu")
    usual = next(s for s in reversed(shop.slates.values()) if s.placement_id == "kiosk-usual")
    alex.add("croissant", decision=usual.decision_id, slot="0")

    assert [(e.kind, e.decision_id) for e in shop.engagements] == [("add", usual.decision_id)]


def test_what_is_filtered_is_not_joined_to_the_visit(alex: Shopper, shop: KnowingShop) -> None:
    alex.client.get("/kiosk/menu")
    usual = next(s for s in reversed(shop.slates.values()) if s.placement_id == "kiosk-usual")
    alex.tell("/kiosk/seen", {"decision": usual.decision_id})
    alex.send("/kiosk/allergens", avoid=["nuts"])
    strip = alex.send("/kiosk/rows", row="kiosk-strip")
    filtered = next(s for s in reversed(shop.slates.values()) if s.placement_id == "kiosk-strip")
    assert filtered.decision_id in strip.text
    alex.tell("/kiosk/seen", {"decision": filtered.decision_id})

    plain, unlinked = shop.engagements
    assert plain.visit_id is not None
    assert unlinked.visit_id is None


def test_a_shop_without_personal_placements_shows_its_one_row(
    alex: Shopper, shop: KnowingShop
) -> None:
    kept = tuple(one for one in shop.site.placements if one.personal is None)
    shop.site = shop.site.model_copy(update={"placements": kept})
    page = alex.client.get("/kiosk/menu").text

    assert "Welcome back" in page
    assert "data-decision" in page
    assert "kiosk-new" not in page
