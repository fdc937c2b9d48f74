"""The policy once more, over a finished row."""

from dataclasses import replace

from edge.catalog.policy_rules import SHIPPED
from edge.policy.row import row_rule
from edge.policy.scene import Considered
from tests.fakes import shop
from tests.fakes.scenes import BOARD, HISTORY, KIOSK, PHONE, STARS, considered, known_on, offer

PLAIN = considered()
MINE = considered(None, HISTORY)
INTIMATE = considered(product=shop.product("test", "pregnancy"))


def test_a_row_that_keeps_every_rule_stands_as_it_is() -> None:
    assert row_rule([PLAIN] * 6, KIOSK, SHIPPED) == {}
    assert row_rule([MINE, PLAIN, MINE, PLAIN, MINE, PLAIN], known_on(KIOSK), SHIPPED) == {}


def test_what_an_earlier_stage_let_through_wrongly_goes() -> None:
    found = row_rule([PLAIN, considered(offer(audience_privacy="private"))], BOARD, SHIPPED)

    assert {place: why.rule for place, why in found.items()} == {1: "private_channel"}


def test_of_what_was_chosen_for_one_person_the_best_half_stays() -> None:
    found = row_rule([MINE, MINE, PLAIN, MINE, MINE, PLAIN], known_on(KIOSK), SHIPPED)

    assert {place: why.detail for place, why in found.items()} == {4: "share of the row"}


def test_what_goes_for_another_reason_takes_no_place_of_the_share() -> None:
    denied = considered(offer(tags=["debt"]), HISTORY)

    assert list(row_rule([denied, MINE, MINE, MINE], known_on(KIOSK), SHIPPED)) == [0]


def test_a_row_of_their_own_may_be_full_of_it() -> None:
    scene = known_on(KIOSK, is_own_row=True)

    assert row_rule([MINE, considered(None, STARS)] * 3, scene, SHIPPED) == {}


def test_an_intimate_topic_goes_where_too_few_others_are_left_beside_it() -> None:
    six = [INTIMATE, *[PLAIN] * 5]

    assert row_rule(six, PHONE, SHIPPED) == {}
    assert list(row_rule(six[:5], PHONE, SHIPPED)) == [0]
    dropped = [INTIMATE, *[PLAIN] * 4, considered(offer(tags=["debt"]))]
    assert sorted(row_rule(dropped, PHONE, SHIPPED)) == [0, 5]


def test_a_row_that_cannot_be_judged_is_empty() -> None:
    broken = SHIPPED.model_copy(update={"overcrowding": None})

    assert sorted(row_rule([PLAIN, PLAIN], KIOSK, broken)) == [0, 1]
    assert {why.rule for why in row_rule([PLAIN], KIOSK, broken).values()} == {"policy_failed"}


def test_the_row_is_judged_by_its_own_screen() -> None:
    row: list[Considered] = [MINE, PLAIN]

    assert list(row_rule(row, known_on(BOARD), SHIPPED)) == [0]
    assert row_rule(row, replace(known_on(KIOSK), slots=2), SHIPPED) == {}
