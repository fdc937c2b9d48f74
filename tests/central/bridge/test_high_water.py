"""The mark says exactly what a set of all numbers would say, and never decides what is kept."""

from hypothesis import given
from hypothesis import strategies as st

from edge.central.bridge.high_water import Mark, knows, noted

SEQS = st.integers(1, 40)
BATCHES = st.lists(st.lists(SEQS, max_size=8), max_size=20)


def contiguous(seen: set[int]) -> int:
    reached = 0
    while reached + 1 in seen:
        reached += 1
    return reached


@given(BATCHES)
def test_whatever_comes_in_whatever_order_the_mark_says_what_a_set_says(
    batches: list[list[int]],
) -> None:
    mark, seen = Mark(), set[int]()
    came = 0
    for batch in batches:
        mark = noted(mark, batch)
        seen |= set(batch)
        came += len(batch)
        above = {n for first, last in mark.beyond for n in range(first, last + 1)}
        assert mark.contiguous_seq == contiguous(seen)
        assert above == {n for n in seen if n > mark.contiguous_seq}
        assert mark.arrived == len(seen)
        assert mark.highest_seq == max(seen, default=0)
        assert mark.missing == mark.highest_seq - len(seen)
        assert mark.given_up == 0
        assert mark.arrived + mark.reused == came


@given(BATCHES, st.integers(1, 4))
def test_with_more_gaps_than_it_may_remember_it_still_counts_right(
    batches: list[list[int]], max_runs: int
) -> None:
    mark, seen = Mark(), set[int]()
    for batch in batches:
        fresh = [n for n in dict.fromkeys(batch) if n not in seen]  # as the table would have it
        mark = noted(mark, fresh, max_runs)
        seen |= set(fresh)
        below = {n for n in seen if n <= mark.contiguous_seq}
        assert mark.contiguous_seq >= contiguous(seen)
        assert mark.contiguous_seq + 1 not in seen
        assert mark.given_up == mark.contiguous_seq - len(below)
        assert mark.arrived == len(seen)
        assert mark.missing == mark.highest_seq - len(seen)
        assert len(mark.beyond) <= max_runs
        assert mark.reused == 0


def test_a_gap_closes_when_what_was_late_comes() -> None:
    mark = noted(noted(Mark(), [1, 2, 5, 6]), [9])
    assert (mark.contiguous_seq, mark.beyond, mark.missing) == (2, ((5, 6), (9, 9)), 4)
    mark = noted(mark, [4, 3])
    assert (mark.contiguous_seq, mark.beyond, mark.missing) == (6, ((9, 9),), 2)


def test_a_number_that_comes_under_a_second_id_is_counted_as_reused() -> None:
    mark = noted(noted(Mark(), [1, 2]), [2, 3, 3])
    assert (mark.arrived, mark.reused, mark.missing) == (3, 2, 0)


@given(
    marked=st.sets(st.integers(1, 20), max_size=12),
    next_ones=st.lists(st.integers(1, 25), max_size=8),
)
def test_the_short_way_for_numbers_that_follow_on_counts_like_one_at_a_time(
    marked: set[int], next_ones: list[int]
) -> None:
    mark = noted(Mark(), marked)
    singly = mark
    for seq in next_ones:
        singly = noted(singly, [seq])
    assert noted(mark, next_ones) == singly
    assert all(knows(singly, seq) for seq in next_ones)
    assert not knows(singly, 26)
