"""The more important lane goes first, and no lane starves."""

from collections import Counter

import pytest

from edge.sync.lane_shares import LaneShares


def turns(ready: str, count: int) -> str:
    shares = LaneShares("ctem")
    return "".join(shares.next(ready) or "-" for _ in range(count))


def test_nothing_ready_is_nobodys_turn() -> None:
    assert turns("", 2) == "--"


@pytest.mark.parametrize("lane", "ctem")
def test_a_lane_alone_has_every_turn(lane: str) -> None:
    assert turns(lane, 5) == lane * 5


def test_a_short_backlog_goes_strictly_by_importance() -> None:
    assert turns("mtec", 9) == "c" * 9


def test_over_time_every_lane_gets_at_least_a_tenth_and_the_first_the_rest() -> None:
    counts = Counter(turns("ctem", 1000))

    assert all(counts[lane] >= 90 for lane in "tem")
    assert counts["c"] >= 690


def test_a_lane_that_was_empty_has_no_turns_saved_up() -> None:
    shares = LaneShares("ctem")
    for _ in range(50):
        shares.next("c")

    assert [shares.next("cm") for _ in range(9)] == ["c"] * 9
