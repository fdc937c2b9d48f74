"""What a draw teaches: once, when its time is over, and only what somebody saw."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.catalog.experiments import Experiments
from edge.experiment.attribution import Drawn, OpenDraws
from edge.experiment.rewards import reward_of, was_looked_at

AT = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
PLAN = Experiments()
SOON, LATE = AT + timedelta(minutes=5), AT + timedelta(minutes=30)


def drawn(
    decision: str = "one", *, at: datetime = AT, visit: str = "v", may_teach: bool = True
) -> Drawn:
    return Drawn(
        decision_id=decision,
        slot=2,
        sku="cake",
        visit=visit,
        x=np.ones(32, dtype=np.float32),
        predicted=0.2,
        at=at,
        may_teach=may_teach,
    )


def opened(*several: Drawn, most: int = 100) -> OpenDraws:
    draws = OpenDraws(PLAN, most)
    for one in several:
        draws.begin(one)
    return draws


def missed(draws: OpenDraws, now: datetime = LATE) -> list[float]:
    return [round(lesson.missed, 6) for lesson in draws.close(now)]


def test_a_draw_that_was_only_seen_teaches_that_it_was_not_taken() -> None:
    draws = opened(drawn())
    draws.happened("one", None, "impression", SOON)

    assert missed(draws, LATE - timedelta(seconds=1)) == []
    assert missed(draws) == [-0.2]
    assert missed(draws) == []


def test_a_slot_that_nobody_saw_teaches_nothing() -> None:
    draws = opened(drawn())

    assert missed(draws) == []
    assert draws.counted.unseen == 1


def test_what_happened_to_another_slot_is_not_its_own() -> None:
    draws = opened(drawn())
    draws.happened("one", None, "impression", SOON)
    draws.happened("one", 0, "tap", SOON)

    assert missed(draws) == [-0.2]


def test_signs_count_once_each_and_an_order_the_most() -> None:
    draws = opened(drawn())
    for _ in range(3):
        draws.happened("one", 2, "tap", SOON)
    assert missed(draws) == [pytest.approx(0.1 - 0.2)]

    draws = opened(drawn())
    draws.happened("one", 2, "add", SOON)
    draws.ordered("v", ["cake", "tea"], SOON)
    assert missed(draws) == [0.8]  # 1.4, cut to 1, less what was expected


def test_an_order_of_what_was_seen_and_not_touched_earns_a_part() -> None:
    draws = opened(drawn())
    draws.happened("one", None, "impression", SOON)
    draws.ordered("v", ["cake"], SOON)

    assert missed(draws) == [pytest.approx(0.25 - 0.2)]


def test_an_order_is_earned_by_the_last_draw_that_was_tapped_and_by_no_other() -> None:
    draws = opened(drawn("one"), drawn("two"), drawn("three"))
    draws.happened("one", 2, "tap", SOON)
    draws.happened("two", 2, "tap", SOON + timedelta(seconds=1))
    draws.happened("three", None, "impression", SOON + timedelta(seconds=2))
    draws.ordered("v", ["cake"], SOON + timedelta(minutes=1))

    assert missed(draws) == [pytest.approx(-0.1), 0.8, -0.2]


def test_an_order_of_another_visit_or_after_the_window_earns_nothing() -> None:
    draws = opened(drawn())
    draws.happened("one", 2, "tap", SOON)
    draws.ordered("w", ["cake"], SOON)
    draws.ordered("v", ["cake"], LATE)

    assert missed(draws) == [pytest.approx(-0.1)]


def test_while_the_till_is_away_silence_is_not_zero() -> None:
    draws = opened(drawn())
    draws.happened("one", None, "impression", SOON)
    draws.till_went_away()

    assert missed(draws) == []
    assert draws.counted.censored == 1


def test_the_slice_for_analysis_never_teaches() -> None:
    draws = opened(drawn(may_teach=False))
    draws.happened("one", 2, "tap", SOON)

    assert missed(draws) == []
    assert draws.counted.kept_for_analysis == 1


def test_what_is_open_is_bounded_and_the_oldest_goes() -> None:
    draws = opened(*[drawn(f"d{number}") for number in range(50)], most=10)

    assert len(draws) == 10
    assert draws.counted.pushed_out == 40


def test_a_reward_stays_between_minus_one_and_one() -> None:
    worst = reward_of(PLAN.rewards, {"dismiss", "hide_topic"}, credit=0)
    best = reward_of(PLAN.rewards, {"tap", "add", "dwell"}, credit=1)

    assert (worst, best) == (-1.0, 1.0)


def test_a_glance_is_no_look() -> None:
    assert was_looked_at(PLAN.rewards, 5_000)
    assert not was_looked_at(PLAN.rewards, 4_999)
    assert not was_looked_at(PLAN.rewards, None)
