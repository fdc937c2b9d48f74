"""Facts fade, and go."""

from datetime import timedelta

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.policy.decay import FactKind, is_kept, judge, lives, staleness, weight
from edge.policy.scene import Fact
from tests.fakes import shop
from tests.fakes.scenes import DAY, PHONE, considered, known_on, offer

DECAY = SHIPPED.fact_decay


@pytest.mark.parametrize(
    ("kind", "days"), [("ordinary", 396), ("sensitive", 14), ("life-event", 21)]
)
def test_nothing_counts_for_longer_than_its_kind_allows(kind: FactKind, days: int) -> None:
    assert lives(kind, DECAY) == days * DAY
    assert is_kept(days * DAY - timedelta(seconds=1), kind, DECAY)
    assert not is_kept(days * DAY, kind, DECAY)
    assert weight(days * DAY, kind, DECAY) == 0


def test_the_hard_retention_holds_for_every_kind() -> None:
    short = DECAY.model_copy(update={"hard_retention": 7 * DAY})

    assert {lives(kind, short) for kind in ("ordinary", "sensitive", "life-event")} == {7 * DAY}


def test_a_fact_counts_half_after_each_half_life() -> None:
    assert weight(timedelta(0), "ordinary", DECAY) == 1
    assert weight(60 * DAY, "ordinary", DECAY) == 0.5
    assert weight(120 * DAY, "ordinary", DECAY) == 0.25
    assert weight(-DAY, "ordinary", DECAY) == 1


def test_staleness_counts_half_lives_up_to_three() -> None:
    days = (-1, 0, 59, 60, 119, 120, 180, 900)

    assert [staleness(day * DAY, DECAY) for day in days] == [0, 0, 0, 1, 1, 2, 3, 3]


def test_a_fact_that_is_over_is_not_used_also_where_a_profile_still_has_it() -> None:
    old = considered(None, Fact("order_history", "addon", age=400 * DAY))
    fresh = considered(None, Fact("order_history", "addon", age=300 * DAY))

    found = judge(old, known_on(PHONE), SHIPPED)

    assert found is not None
    assert (found.rule, found.detail) == ("fact_decay", "order_history is over")
    assert judge(fresh, known_on(PHONE), SHIPPED) is None


def test_behind_something_sensitive_a_fact_is_over_after_two_weeks() -> None:
    fact = Fact("order_history", "addon", age=14 * DAY)
    labelled = considered(offer(sensitivity="personal"), fact)
    by_topic = considered(None, fact, product=shop.product("tea", "medical"))

    assert judge(considered(None, fact), known_on(PHONE), SHIPPED) is None
    assert judge(labelled, known_on(PHONE), SHIPPED) is not None
    assert judge(by_topic, known_on(PHONE), SHIPPED) is not None
