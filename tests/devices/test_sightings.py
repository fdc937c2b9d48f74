import threading
from datetime import UTC, datetime

import pytest

from edge.core.errors import RequestContractError
from edge.devices.sightings import Sighting, SightingQueue

NOON_AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def sighting(number: int) -> Sighting:
    return Sighting(number.to_bytes(16, "big"), -60, NOON_AT, "hci0")


def numbers(taken: tuple[Sighting, ...] | None) -> list[int]:
    return [int.from_bytes(each.frame, "big") for each in taken or ()]


def test_sightings_come_out_in_order_and_all_at_once() -> None:
    queue = SightingQueue()
    for number in range(3):
        queue.put(sighting(number))
    assert numbers(queue.take()) == [0, 1, 2]
    assert queue.dropped == 0


def test_a_full_queue_loses_the_oldest_and_counts_it() -> None:
    queue = SightingQueue(most=4)
    for number in range(10):
        queue.put(sighting(number))
    assert numbers(queue.take()) == [6, 7, 8, 9]
    assert queue.dropped == 6


def test_a_closed_queue_hands_out_what_is_left_and_then_ends() -> None:
    queue = SightingQueue()
    queue.put(sighting(1))
    queue.close()
    assert numbers(queue.take()) == [1]
    assert queue.take() is None


def test_a_reader_waits_and_is_woken() -> None:
    queue = SightingQueue()
    seen: list[Sighting] = []
    reader = threading.Thread(target=queue.hand_on, args=(seen.append,))
    reader.start()
    queue.put(sighting(7))
    queue.close()
    reader.join(5)
    assert seen == [sighting(7)]


def test_a_reader_that_fails_gets_the_next_one_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = SightingQueue()
    seen: list[Sighting] = []

    def look(each: Sighting) -> None:
        seen.append(each)
        if len(seen) == 1:
            msg = "wanted another one"
            raise RequestContractError(msg)
        if len(seen) == 2:
            raise ZeroDivisionError

    for number in range(3):
        queue.put(sighting(number))
    queue.close()
    queue.hand_on(look)
    assert numbers(tuple(seen)) == [0, 1, 2]
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]


def test_a_sighting_does_not_print_its_token() -> None:
    assert "frame" not in repr(sighting(7))
