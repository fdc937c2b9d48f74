"""Category jumping: nothing comes out of nowhere."""

from dataclasses import replace

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.scene import Fact, Linkage
from edge.policy.sins.category_jumping import judge
from tests.fakes.scenes import BOARD, HISTORY, KIOSK, PHONE, considered, known_on, offer

PERSONAL = considered(None, HISTORY)
COFFEE_DRINKER = known_on(KIOSK, known_categories=frozenset({"coffee"}))


def linked(strength: float | None) -> Linkage:
    return lambda one, other: strength if (one, other) == ("coffee", "scone") else None


def test_what_is_for_everybody_needs_no_link() -> None:
    assert judge(considered(), KIOSK, SHIPPED) is None
    assert judge(considered(offer(), Fact("weather", "addon")), KIOSK, SHIPPED) is None


def test_a_category_they_know_or_have_in_the_basket_is_no_jump() -> None:
    with_a_scone = replace(COFFEE_DRINKER, basket_categories=frozenset({"scone"}))

    assert judge(PERSONAL, known_on(KIOSK), SHIPPED) is None
    assert judge(PERSONAL, with_a_scone, SHIPPED) is None


@pytest.mark.parametrize(
    ("strength", "is_a_jump"), [(None, True), (-0.4, True), (0.149, True), (0.15, False)]
)
def test_another_category_must_belong_with_one_of_them_in_the_shops_own_baskets(
    strength: float | None, is_a_jump: bool
) -> None:
    scene = replace(COFFEE_DRINKER, linkage=linked(strength))

    found = judge(PERSONAL, scene, SHIPPED)

    assert (found is not None) is is_a_jump
    assert found is None or (found.rule, found.detail) == ("category_jumping", "no link")


def test_a_star_is_a_link_unless_the_shop_says_otherwise() -> None:
    stars = replace(COFFEE_DRINKER, declared_categories=frozenset({"scone"}))
    strict = tightened(SHIPPED, {"category_jumping": {"or_declared_interest": False}})
    silent = replace(stars, purposes=frozenset({"past_orders"}))

    assert judge(PERSONAL, stars, SHIPPED) is None
    assert judge(PERSONAL, stars, strict) is not None
    assert judge(PERSONAL, silent, SHIPPED) is not None


def test_an_offer_that_names_its_links_waits_for_one_of_them() -> None:
    to_coffee = considered(offer(links={"trigger_categories": ["coffee", "tea"]}))

    found = judge(to_coffee, KIOSK, SHIPPED)

    assert found is not None
    assert found.detail == "no trigger category"
    assert judge(to_coffee, replace(KIOSK, basket_categories=frozenset({"tea"})), SHIPPED) is None
    assert judge(to_coffee, COFFEE_DRINKER, SHIPPED) is None


def test_what_they_bought_or_starred_is_no_link_on_a_board_nor_without_their_consent() -> None:
    to_coffee = considered(offer(links={"trigger_categories": ["coffee"]}))
    on_a_board = known_on(BOARD, known_categories=frozenset({"coffee"}))
    without = replace(COFFEE_DRINKER, purposes=frozenset({"tastes"}))

    starred = known_on(
        BOARD, known_categories=frozenset(), declared_categories=frozenset({"scone"})
    )

    assert judge(to_coffee, on_a_board, SHIPPED) is not None
    assert judge(to_coffee, starred, SHIPPED) is not None
    assert judge(to_coffee, replace(starred, publicity=1), SHIPPED) is None
    assert judge(to_coffee, without, SHIPPED) is not None


def test_without_anything_known_a_personal_candidate_comes_out_of_nowhere() -> None:
    assert judge(PERSONAL, known_on(PHONE, known_categories=frozenset()), SHIPPED) is not None
