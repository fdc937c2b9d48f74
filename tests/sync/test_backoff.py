"""Pauses grow, are jittered over their whole range, and begin again."""

import pytest

from edge.sync.backoff import BackOff


def drawn(share: float) -> BackOff:
    number = int(share * (2**32 - 1))
    return BackOff(lambda size: number.to_bytes(size, "big"), min_s=1.0, max_s=300.0)


def test_the_bound_doubles_up_to_the_longest_pause() -> None:
    back_off = drawn(1.0)

    assert [round(back_off.next_s()) for _ in range(11)] == [
        *(2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300)
    ]


def test_luck_may_shorten_any_pause_to_the_shortest() -> None:
    back_off = drawn(0.0)

    assert [back_off.next_s() for _ in range(12)] == [1.0] * 12


def test_half_the_luck_gives_half_the_range() -> None:
    assert drawn(0.5).next_s() == pytest.approx(1.5)


def test_after_success_it_begins_again() -> None:
    back_off = drawn(1.0)
    for _ in range(9):
        back_off.next_s()
    back_off.reset()

    assert round(back_off.next_s()) == 2
