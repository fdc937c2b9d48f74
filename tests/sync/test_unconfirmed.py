"""What waits for central's word: bounded, sent again after longer and longer pauses."""

from dataclasses import replace

import pytest

from edge.store.outbox import Waiting
from edge.store.place import LANES, place
from edge.sync.unconfirmed import LONGEST, MOST_BYTES, MOST_ROWS, Unconfirmed
from tests.fakes.recorded import NOON

WITHIN_S = 10.0


class Watch:
    """An ``Unconfirmed`` whose time only moves when told, and whose chance is always the least."""

    def __init__(self, draw: bytes = b"\x00" * 4) -> None:
        self.now_s = 1000.0
        self.of = Unconfirmed(lambda size: draw, WITHIN_S, lambda: self.now_s)

    def take(self, lane: str, rows: list[Waiting]) -> None:
        self.of.sent(lane, rows)
        self.of.taken(lane, rows)

    def overdue(self) -> dict[str, list[int]]:
        return dict(self.of.overdue())


def rows(*numbers: int, lane: str = "t", size: int = 10) -> list[Waiting]:
    first = Waiting(0, "", lane, 0, NOON, NOON, 0, is_whole=True, body=b"x" * size)
    number = LANES.index(lane)
    return [
        replace(first, place=place(number, seq), seq=seq, event_id=f"{lane}{seq}")
        for seq in numbers
    ]


def test_what_central_has_is_known_by_its_numbers_and_leaves_the_window() -> None:
    watch = Watch()
    watch.take("t", rows(5, 6, 7, 9))
    found, strange = watch.of.confirmed({"t": ((6, 7), (9, 9))})

    assert [(one.lane, one.ids) for one in found] == [("t", ["t6", "t7", "t9"])]
    assert found[0].places == [row.place for row in rows(6, 7, 9)]
    assert (strange, len(watch.of)) == (0, 1)


def test_numbers_that_were_never_sent_delete_nothing_and_are_counted() -> None:
    watch = Watch()
    watch.take("t", rows(5))
    found, strange = watch.of.confirmed({"t": ((6, 8),), "e": ((1, 2**52),), "m": ((3, 2),)})

    assert (found, strange, len(watch.of)) == ([], 3 + 2**52, 1)


def test_a_word_that_comes_again_finds_nothing_and_is_not_strange() -> None:
    watch = Watch()
    watch.take("t", rows(1, 2))
    watch.of.confirmed({"t": ((1, 2),)})

    assert watch.of.confirmed({"t": ((1, 2),)}) == ([], 0)


def test_what_is_not_confirmed_in_time_is_overdue_once() -> None:
    watch = Watch()
    watch.take("t", rows(1, 2))
    watch.now_s += WITHIN_S - 1
    assert watch.overdue() == {}
    watch.now_s += 1

    assert watch.overdue() == {"t": [row.place for row in rows(1, 2)]}
    assert watch.overdue() == {}
    assert len(watch.of) == 0


def test_time_begins_when_the_broker_has_it_and_not_before() -> None:
    watch = Watch()
    watch.of.sent("t", rows(1))
    watch.now_s += 100 * WITHIN_S

    assert watch.overdue() == {}


def test_pauses_double_up_to_an_hour_and_begin_again_with_the_next_event() -> None:
    watch = Watch(draw=b"\xff" * 4)
    pauses = []
    for _ in range(9):
        watch.take("t", rows(1))
        began = watch.now_s
        while not watch.overdue():
            watch.now_s += 1
        pauses.append(watch.now_s - began)

    assert pauses == [20, 40, 80, 160, 320, *[LONGEST * WITHIN_S] * 4]


def test_chance_spreads_the_pauses() -> None:
    watch = Watch(draw=b"\x80\x00\x00\x00")
    watch.take("t", rows(1))
    watch.now_s += 1.5 * WITHIN_S - 0.1
    assert watch.overdue() == {}
    watch.now_s += 0.2
    assert "t" in watch.overdue()


def test_after_a_new_connection_central_has_a_moment_and_then_it_is_sent_again() -> None:
    watch = Watch()
    watch.take("t", rows(1))
    watch.of.sent("t", rows(2))  # on its way: the connection itself sends it again
    watch.of.hurry()
    assert watch.overdue() == {}
    watch.now_s += 5

    assert watch.overdue() == {"t": [row.place for row in rows(1)]}


@pytest.mark.parametrize(("count", "size"), [(MOST_ROWS, 1), (4, MOST_BYTES // 4)])
def test_a_full_window_stops_its_own_lane_only_until_central_says_something(
    count: int, size: int
) -> None:
    watch = Watch()
    watch.take("e", rows(*range(1, count), lane="e", size=size))
    assert not watch.of.is_full("e")
    watch.take("e", rows(count, lane="e", size=size))
    assert (watch.of.is_full("e"), watch.of.is_full("t")) == (True, False)

    watch.of.confirmed({"e": ((1, 1),)})
    assert not watch.of.is_full("e")


def test_what_is_to_be_sent_again_makes_room_so_that_it_can_be() -> None:
    watch = Watch()
    watch.take("e", rows(*range(1, MOST_ROWS + 1), lane="e"))
    watch.now_s += WITHIN_S
    assert len(watch.overdue()["e"]) == MOST_ROWS

    assert not watch.of.is_full("e")


def test_central_may_confirm_what_is_about_to_be_sent_again() -> None:
    watch = Watch()
    watch.take("t", rows(1))
    watch.now_s += WITHIN_S
    watch.overdue()
    found, _ = watch.of.confirmed({"t": ((1, 1),)})

    assert [one.ids for one in found] == [["t1"]]


def test_what_was_evicted_meanwhile_is_not_remembered_for_ever() -> None:
    watch = Watch()
    for start in range(1, 10 * MOST_ROWS, MOST_ROWS):
        watch.take("e", rows(*range(start, start + MOST_ROWS), lane="e"))
        watch.now_s += 100 * WITHIN_S
        watch.overdue()
    found, _ = watch.of.confirmed({"e": ((1, 2**52),)})

    assert sum(len(one.ids) for one in found) == 2 * MOST_ROWS


def test_what_the_broker_did_not_take_waits_outside_the_window() -> None:
    watch = Watch()
    watch.of.sent("t", rows(1, 2))
    watch.of.again("t", rows(1))
    watch.of.drop("t", rows(2))

    assert len(watch.of) == 0
    watch.take("t", rows(1))
    assert len(watch.of) == 1
