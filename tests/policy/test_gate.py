"""Creepy or cool: the gate's line for each offer."""

from datetime import timedelta

import pytest

from edge.catalog.offer import Offer
from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.gate import GateLine, judged, needs_approval
from tests.fakes import shop
from tests.fakes.scenes import BUN, approved, offer

TODAY = shop.NOON.date()
OWN = {"surfaces": ["kiosk", "phone"]}


def line(given: Offer, familiarity: int = 0) -> GateLine:
    return judged(given, [BUN], SHIPPED, TODAY, familiarity)


def test_an_offer_for_everybody_is_open_and_far_from_nobody() -> None:
    found = line(offer())

    assert found.is_open
    assert found.facts == ()
    assert dict(found.distance) == {"private": 0, "semi_private": 0, "public": 0}
    assert set(found.verdict.values()) == {"pass"}


def test_of_an_offer_that_uses_a_fact_it_says_which_how_far_and_who_said_yes() -> None:
    uses = [{"fact": "order_history", "use": "new-category"}]
    given = approved(offer(**OWN, uses=uses), "privacy")

    found = line(given)

    assert found.facts == ("order_history for new-category",)
    assert dict(found.distance) == {"private": 2, "semi_private": 2, "public": 3}
    assert dict(found.verdict) == {"private": "pass", "semi_private": "ask", "public": "drop"}
    assert [one.by for one in found.approvals] == ["robin"]
    assert found.problems == ()


@pytest.mark.parametrize(
    "more",
    [{"sponsored": True}, {"sensitivity": "personal"}, {"uses": [{"fact": "stars"}]}],
    ids=["sponsored", "sensitive", "a fact"],
)
def test_without_a_second_person_it_stays_shut(more: dict[str, object]) -> None:
    given = offer(surfaces=["phone"], **more)

    assert needs_approval(given)
    assert line(given).problems == (
        "publicity-test: wanted a yes by somebody in the role privacy or lead",
        "second-approver: wanted a yes by somebody else than its owner",
    )
    assert line(approved(given, "lead")).is_open
    assert not line(approved(given, "lead", by="bakery")).is_open


def test_a_yes_to_another_text_or_of_a_day_to_come_is_a_problem() -> None:
    given = approved(offer(), "brand")
    edited = given.model_copy(update={"headline": {"en": "Still warm"}})

    assert line(edited).problems == ("robin's yes (brand) is to another text: ask again",)
    early = judged(given, [BUN], SHIPPED, TODAY - timedelta(days=1))
    assert early.problems == (f"robin's yes (brand) is of {TODAY}, which is still to come",)


def test_a_screen_that_will_never_show_it_is_named_with_the_policy() -> None:
    for_phones = offer(audience_privacy="private")
    familiar = line(offer(), familiarity=2)

    assert line(for_phones).problems == (
        "never shown on kiosk: private_channel (private at most)",
        "never shown on signage: private_channel (private at most)",
    )
    assert familiar.problems == (
        "never shown on kiosk: helicoptering (words of familiarity 2)",
        "never shown on signage: helicoptering (words of familiarity 2)",
    )


def test_what_one_of_its_products_may_not_the_offer_may_not() -> None:
    given = offer(surfaces=["kiosk"], skus=["bun", "test"])
    intimate = shop.product("test", "pregnancy")

    assert judged(given, [BUN], SHIPPED, TODAY).is_open
    assert not judged(given, [BUN, intimate], SHIPPED, TODAY).is_open


def test_the_gate_holds_an_offer_against_the_shops_own_policy() -> None:
    given = approved(offer(**OWN, uses=[{"fact": "order_history"}]), "privacy")
    strict = tightened(SHIPPED, {"permission_distance": {"max": {"semi_private": 0}}})
    denied = tightened(strict, {"permission_distance": {"above": "deny"}})

    assert judged(given, [BUN], strict, TODAY).verdict["semi_private"] == "ask"
    assert judged(given, [BUN], denied, TODAY).problems == (
        "never shown on kiosk: permission_distance (order_history for addon is 1)",
    )
