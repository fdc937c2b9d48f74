"""Moral hazards: nothing that we would not want to read about ourselves in the newspaper."""

from typing import Any

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.policy.sins.moral_hazards import judge
from tests.fakes import shop
from tests.fakes.scenes import KIOSK, PHONE, approved, considered, known_on, offer


@pytest.mark.parametrize("tag", ["vulnerability", "addiction", "debt"])
def test_a_denied_tag_is_shown_nowhere_whether_the_offer_has_it_or_the_product(tag: str) -> None:
    of_product = considered(product=shop.product("bun", "scone", tags=[tag]))

    for candidate in (considered(offer(tags=[tag])), of_product):
        found = judge(candidate, PHONE, SHIPPED)
        assert found is not None
        assert (found.rule, found.detail) == ("moral_hazards", "a denied tag")


@pytest.mark.parametrize(
    "more",
    [{"uses": [{"fact": "stars"}]}, {"sensitivity": "personal"}, {"sensitivity": "boudoir"}],
    ids=["a fact", "personal", "intimate"],
)
def test_what_relies_on_a_person_or_is_sensitive_needs_a_second_person_and_the_newspaper_test(
    more: dict[str, Any],
) -> None:
    scene, given = known_on(PHONE), offer(**more)

    nobody = judge(considered(given), scene, SHIPPED)
    brand = judge(considered(approved(given, "brand")), scene, SHIPPED)

    assert nobody is not None
    assert nobody.detail == "no publicity-test"
    assert brand is not None
    assert brand.detail == "no publicity-test"
    assert judge(considered(approved(given, "privacy")), scene, SHIPPED) is None
    assert judge(considered(approved(given, "brand", "lead")), scene, SHIPPED) is None


def test_the_owners_own_yes_is_none() -> None:
    given = offer(uses=[{"fact": "stars"}])

    assert judge(considered(approved(given, "lead", by="bakery")), known_on(PHONE), SHIPPED)


def test_a_yes_to_another_text_is_none() -> None:
    given = approved(offer(uses=[{"fact": "stars"}]), "privacy")
    edited = given.model_copy(update={"headline": {"en": "We saw you liked this"}})

    assert judge(considered(given), known_on(PHONE), SHIPPED) is None
    assert judge(considered(edited), known_on(PHONE), SHIPPED) is not None


def test_an_offer_for_everybody_needs_nobodys_yes() -> None:
    assert judge(considered(offer()), KIOSK, SHIPPED) is None
    assert judge(considered(offer(uses=[{"fact": "weather"}])), KIOSK, SHIPPED) is None
    assert judge(considered(), KIOSK, SHIPPED) is None
