"""A download keeps to its share of the line."""

from hypothesis import given
from hypothesis import strategies as st

from edge.update.pace import LARGEST_CHUNK_BYTES, LinePace


def test_without_a_limit_nobody_waits() -> None:
    pace = LinePace(0)

    assert pace.wait_s(10**9, 0.0) == 0.0
    assert pace.chunk_bytes == LARGEST_CHUNK_BYTES


def test_a_slow_line_is_taken_in_seconds_not_in_minutes() -> None:
    assert LinePace(8 * 1024).chunk_bytes == 8 * 1024


@given(
    rate=st.integers(1024, 1 << 20),
    chunks=st.lists(st.integers(1, LARGEST_CHUNK_BYTES), min_size=1, max_size=200),
)
def test_whoever_waits_as_told_never_takes_more_than_the_rate(rate: int, chunks: list[int]) -> None:
    pace, now_s, taken = LinePace(rate), 0.0, 0
    for chunk in chunks:
        taken += chunk
        now_s += pace.wait_s(chunk, now_s)
        assert taken <= rate * now_s + 1


def test_a_pause_buys_one_second_of_the_line_and_no_more() -> None:
    pace = LinePace(1000)
    pace.wait_s(1, 0.0)

    assert pace.wait_s(1000, 3600.0) == 0.0
    assert pace.wait_s(1000, 3600.0) == 1.0
