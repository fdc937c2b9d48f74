from edge.devices.watchdog import LOOK_S, SILENT_S, Watchdog


def test_ninety_seconds_are_looked_at_every_thirty() -> None:
    assert (SILENT_S, LOOK_S) == (90, 30)


def test_a_scanner_that_hears_something_is_left_alone() -> None:
    dog = Watchdog()
    dog.started(0)
    for now_s in range(0, 3_600, 30):
        dog.heard(now_s)
        assert not dog.is_silent(now_s + 29)
    assert not dog.needs_reset


def test_silence_is_counted_from_the_start_where_nothing_was_ever_heard() -> None:
    dog = Watchdog()
    dog.started(1_000)
    assert not dog.is_silent(1_089)
    assert dog.is_silent(1_090)


def test_a_restart_that_helps_needs_no_reset() -> None:
    dog = Watchdog()
    dog.started(0)
    assert dog.is_silent(90)
    dog.started(91)
    dog.heard(95)
    assert not dog.is_silent(180)
    assert not dog.needs_reset


def test_a_restart_in_vain_asks_for_a_reset_until_something_is_heard() -> None:
    dog = Watchdog()
    dog.started(0)
    needed = []
    for now_s in (90, 181, 272):
        assert dog.is_silent(now_s)
        needed.append(dog.needs_reset)
        dog.started(now_s + 1)
    dog.heard(300)
    assert [*needed, dog.needs_reset] == [False, True, True, False]
