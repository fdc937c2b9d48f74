"""Lanes that nobody listens to are offered now and then, and each by itself."""

from edge.sync.unheard import UNHEARD_RETRY_S, Unheard


def test_a_lane_waits_longer_each_time_and_begins_anew_once_somebody_listened() -> None:
    now = [0.0]
    lanes = Unheard(lambda: now[0])
    for pause_s in (1.0, 2.0, 4.0):
        lanes.nobody_listened("e")
        now[0] += pause_s - 0.1
        assert lanes.waits("e")
        assert not lanes.waits("c")
        now[0] += 0.2
        assert not lanes.any_waits
    lanes.heard("e")
    lanes.nobody_listened("e")
    now[0] += 1.1
    assert not lanes.waits("e")


def test_what_cannot_be_sent_waits_the_longest_pause_unless_somebody_ends_it() -> None:
    now = [0.0]
    lanes = Unheard(lambda: now[0])
    lanes.cannot_be_sent("t")
    now[0] += UNHEARD_RETRY_S - 0.1
    assert lanes.waits("t")
    lanes.end_pauses()
    assert not lanes.any_waits
