"""All policies in their order, closed where one cannot answer."""

import logging
from dataclasses import replace
from datetime import datetime

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.policy.all_rules import RULES, suppression
from edge.policy.contacts import Contacts
from tests.fakes import shop
from tests.fakes.scenes import (
    BOARD,
    HISTORY,
    KIOSK,
    PHONE,
    SCREENS,
    considered,
    known_on,
    offer,
)


def test_all_seven_sins_and_what_goes_with_them_are_asked() -> None:
    assert [name for name, _ in RULES] == [
        "private_channel",
        "boudoir",
        "moral_hazards",
        "breaking_bonds",
        "digging_too_deep",
        "fact_decay",
        "permission_distance",
        "helicoptering",
        "overcrowding",
        "category_jumping",
        "caps",
    ]


def test_an_ordinary_offer_for_everybody_passes_on_every_screen() -> None:
    for scene in SCREENS:
        assert suppression(considered(offer()), scene, SHIPPED) is None
        assert suppression(considered(), scene, SHIPPED) is None


def test_the_first_policy_that_objects_is_the_one_that_is_told() -> None:
    both = considered(offer(audience_privacy="private", tags=["debt"]))

    on_board = suppression(both, BOARD, SHIPPED)
    on_phone = suppression(both, PHONE, SHIPPED)

    assert on_board is not None
    assert on_phone is not None
    assert (on_board.rule, on_phone.rule) == ("private_channel", "moral_hazards")


def test_a_policy_that_cannot_answer_forbids_and_says_so_without_a_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    no_zone = datetime(2026, 3, 1, 11, 0)  # noqa: DTZ001 - what breaks the comparison
    scene = known_on(KIOSK, contacts=Contacts(personal=(no_zone,)))

    with caplog.at_level(logging.ERROR):
        found = suppression(considered(None, HISTORY), scene, SHIPPED)

    assert found is not None
    assert (found.rule, found.detail) == ("policy_failed", "overcrowding")
    assert caplog.messages == ["policy overcrowding could not answer (TypeError): left out"]


def test_a_screen_that_nobody_knows_shows_nothing_of_a_person() -> None:
    unknown = replace(known_on(KIOSK), publicity=7)

    assert suppression(considered(None, HISTORY), unknown, SHIPPED) is not None


def test_no_policy_tells_a_value() -> None:
    bun = shop.product("secret-bun", "secret-category")
    scene = known_on(BOARD)

    found = suppression(considered(None, HISTORY, product=bun), scene, SHIPPED)

    assert found is not None
    assert "secret" not in repr(found)
