"""When the broker is tried again."""

from edge.sync.backoff import BackOff
from edge.sync.reconnect import STEADY_S, Reconnect


def reconnect(share: bytes = b"\x80", spread_s: float = 600) -> Reconnect:
    def chance(size: int) -> bytes:
        return (share * size)[:size]

    return Reconnect(chance, BackOff(chance, min_s=1, max_s=300), spread_s)


def test_a_fleet_that_lost_good_connections_comes_back_within_the_window_not_at_once() -> None:
    firsts = [reconnect(bytes([n])).pause_s(3600) for n in range(256)]

    assert firsts == sorted(firsts)
    assert firsts[0] == 0
    assert 590 < firsts[-1] <= 600
    assert 290 < firsts[128] < 310


def test_a_try_that_failed_waits_a_growing_time_and_not_the_window() -> None:
    tries = reconnect(b"\xff")

    pauses = [tries.pause_s(None) for _ in range(10)]
    assert [round(pause) for pause in pauses] == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_connection_that_hardly_lasted_was_no_good_one() -> None:
    tries = reconnect(b"\xff")

    assert tries.pause_s(STEADY_S - 1) < tries.pause_s(STEADY_S - 1) < 10


def test_after_a_good_connection_pauses_begin_small_again() -> None:
    tries = reconnect(b"\xff")
    for _ in range(9):
        tries.pause_s(None)
    tries.pause_s(STEADY_S)

    assert round(tries.pause_s(None)) == 2


def test_without_a_window_a_lost_connection_is_tried_again_soon() -> None:
    assert reconnect(spread_s=0).pause_s(3600) < 3
