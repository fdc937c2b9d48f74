"""When a batch is due; seconds are told to it."""

from edge.central.bridge.taken import Pace, Taken
from edge.sync.mqtt import Received


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(seconds: Seconds, count: int) -> Taken:
    made = Taken(Pace(most_messages=3, linger_s=2.0), seconds)
    for number in range(count):
        made.add(Received("t", b"%d" % number))
    return made


def test_the_first_message_waits_a_little_for_others_and_a_full_batch_does_not() -> None:
    seconds = Seconds()
    assert taken(seconds, 0).due_in_s() is None
    assert taken(seconds, 3).due_in_s() == 0
    few = taken(seconds, 2)
    assert few.due_in_s() == 2
    seconds.now += 2
    assert few.due_in_s() == 0


def test_after_a_failure_nothing_is_due_before_the_pause_is_over() -> None:
    seconds = Seconds()
    full = taken(seconds, 5)
    full.hold(7)
    assert full.due_in_s() == 7
    seconds.now += 7
    assert [one.payload for one in full.batch()] == [b"0", b"1", b"2"]


def test_what_is_done_leaves_and_the_rest_waits_anew() -> None:
    seconds = Seconds()
    full = taken(seconds, 4)
    full.hold(9)
    full.done(3)
    assert len(full) == 1
    assert full.due_in_s() == 2


def test_what_comes_again_anyway_is_dropped_with_its_pause() -> None:
    full = taken(Seconds(), 4)
    full.hold(9)
    full.drop()
    assert full.due_in_s() is None
    full.add(Received("t", b""))
    assert full.due_in_s() == 2
