from dataclasses import replace

import pytest

from edge.central.fleet.rollout.gate import Counts, Tally, failure, has_shown_enough, needed
from edge.central.fleet.rollout.plan import Gate
from edge.central.fleet.rollout.takings import Takings

GATE = Gate()


def counts(tally: Tally, in_all: Tally | None = None) -> Counts:
    return Counts(0, tally, tally if in_all is None else in_all)


@pytest.mark.parametrize(
    ("reachable", "finished"), [(0, 0), (1, 1), (3, 3), (20, 20), (50, 20), (100, 30), (1000, 300)]
)
def test_what_must_finish_is_20_or_30_percent_but_never_more_than_can_be_reached(
    reachable: int, finished: int
) -> None:
    assert needed(GATE, Tally(members=reachable + 5, waiting=reachable)) == finished


def test_in_the_last_wave_nine_of_ten_must_have_finished() -> None:
    assert needed(GATE, Tally(members=1000, waiting=1000), is_last=True) == 900


def test_a_shop_that_is_offline_neither_passes_nor_fails() -> None:
    tally = Tally(members=100, finished=25, waiting=5)
    assert has_shown_enough(GATE, counts(tally))
    assert failure(GATE, counts(tally)) is None


def test_a_wave_that_holds_nobody_passes_only_after_somebody_finished_before() -> None:
    assert not has_shown_enough(GATE, counts(Tally()))
    assert has_shown_enough(GATE, counts(Tally(), Tally(members=1, finished=1)))


def test_a_canary_of_which_nobody_can_be_reached_is_waited_for() -> None:
    assert not has_shown_enough(GATE, counts(Tally(members=3)))


def test_a_canary_of_one_that_rolls_back_stops() -> None:
    assert failure(GATE, counts(Tally(members=1, rolled_back=1))) is not None


@pytest.mark.parametrize("kind", ["failed", "rolled_back", "overdue"])
def test_two_percent_may_fail_and_one_more_stops(kind: str) -> None:
    fine = replace(Tally(members=1000, finished=980), **{kind: 20})
    assert failure(GATE, counts(fine)) is None
    worse = replace(Tally(members=1000, finished=979), **{kind: 21})
    assert "20 are allowed" in str(failure(GATE, counts(worse)))


def test_a_large_wave_stops_before_two_percent_of_all_of_it_failed() -> None:
    tally = Tally(members=75_000, finished=30, rolled_back=8, running=30, waiting=74_932)
    assert failure(GATE, counts(tally)) is not None


def test_failures_that_end_before_anything_good_could_do_not_stop_a_large_wave() -> None:
    tally = Tally(members=4_000, failed=3, running=150, waiting=3_847)
    assert failure(GATE, counts(tally)) is None


def test_what_failed_in_an_earlier_wave_still_counts() -> None:
    earlier = Tally(members=200, finished=100, rolled_back=50)
    assert failure(GATE, counts(Tally(members=20, finished=20), earlier)) is not None


def test_a_wave_of_which_many_fell_silent_waits_for_them() -> None:
    assert not has_shown_enough(GATE, counts(Tally(members=100, finished=60, silent=3)))
    assert has_shown_enough(GATE, counts(Tally(members=100, finished=60, silent=2)))


def test_a_worse_take_rate_stops_when_it_is_proven() -> None:
    gate = Gate(take_rate_margin=0.05)
    tally = Tally(members=100, finished=100)
    few = Takings(300, 48, 300, 60)
    assert failure(gate, Counts(0, tally, tally, takings=few)) is None
    many = Takings(30_000, 4_800, 30_000, 6_000)
    assert "take something" in str(failure(gate, Counts(0, tally, tally, takings=many)))
    assert failure(GATE, Counts(0, tally, tally, takings=many)) is None
