"""Digging too deep: only what a customer did or said here, themselves."""

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.scene import Fact, Source
from edge.policy.sins.digging_too_deep import judge
from tests.fakes.scenes import HISTORY, PHONE, considered, known_on


@pytest.mark.parametrize("source", ["inferred", "third-party"])
def test_what_was_worked_out_or_brought_along_is_not_used_even_on_their_own_phone(
    source: Source,
) -> None:
    found = judge(
        considered(None, HISTORY, Fact("stars", "addon", source)), known_on(PHONE), SHIPPED
    )

    assert found is not None
    assert (found.rule, found.detail) == ("digging_too_deep", f"stars is {source}")


def test_what_they_did_and_said_here_may_be_used() -> None:
    told = Fact("stars", "addon", "declared")

    assert judge(considered(None, HISTORY, told), known_on(PHONE), SHIPPED) is None


def test_a_shop_may_keep_to_what_was_said_alone() -> None:
    rules = tightened(SHIPPED, {"digging_too_deep": {"allow_sources": ["declared"]}})

    assert judge(considered(None, HISTORY), known_on(PHONE), rules) is not None


def test_the_weather_is_no_source_about_a_person() -> None:
    assert judge(considered(None, Fact("weather", "addon", "third-party")), PHONE, SHIPPED) is None
