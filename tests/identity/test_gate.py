from datetime import UTC, datetime, timedelta
from math import log10

import pytest

from edge.core.chance import draws
from edge.identity.gate import Gate, Thresholds

START_AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START_AT + timedelta(seconds=seconds)


def heard(*samples: tuple[float, float], thresholds: Thresholds | None = None) -> Gate:
    """A gate that heard (seconds, dBm)."""
    gate = Gate(thresholds or Thresholds())
    for seconds, rssi_dbm in samples:
        gate.heard(rssi_dbm, at(seconds))
    return gate


def standing(
    dbm: float, seconds: float, *, start: float = 0.0, every: float = 0.2
) -> list[tuple[float, float]]:
    return [(start + n * every, dbm) for n in range(round(seconds / every))]


def test_three_strong_samples_within_a_second_enter() -> None:
    assert not heard((0, -60), (0.4, -60)).is_here(at(0.4))
    assert heard((0, -60), (0.4, -60), (1.0, -60)).is_here(at(1.0))


def test_three_strong_samples_over_longer_than_a_second_do_not_enter() -> None:
    assert not heard((0, -60), (0.6, -60), (1.2, -60), (1.8, -60)).is_here(at(1.8))


@pytest.mark.parametrize(("dbm", "enters"), [(-62, True), (-63, False)])
def test_the_threshold_itself_is_strong(dbm: float, enters: bool) -> None:
    assert heard(*standing(dbm, 2)).is_here(at(2)) is enters


def test_an_advertisement_with_an_old_token_beside_the_new_one_counts_once() -> None:
    assert not heard((0, -50), (0, -50), (0, -50), (0.3, -50)).is_here(at(0.3))


def test_one_spike_does_not_open_the_gate() -> None:
    samples = [*standing(-75, 2), (2.1, -40), *standing(-75, 2, start=2.2)]
    gate = Gate(Thresholds())
    for seconds, rssi_dbm in samples:
        gate.heard(rssi_dbm, at(seconds))
        assert not gate.is_here(at(seconds))


def test_one_spike_does_not_open_the_gate_when_it_is_the_first_that_is_heard() -> None:
    gate = Gate(Thresholds())
    for seconds, rssi_dbm in [(0.0, -40.0), *standing(-75, 2, start=0.1)]:
        gate.heard(rssi_dbm, at(seconds))
        assert not gate.is_here(at(seconds))


def test_a_customer_who_turns_around_for_two_seconds_stays() -> None:
    gate = heard(*standing(-58, 3), *standing(-85, 2, start=3), *standing(-58, 1, start=5))
    assert gate.is_here(at(6))


def test_weaker_than_leaving_for_three_seconds_leaves() -> None:
    gate = heard(*standing(-58, 3), *standing(-90, 8, start=3))
    assert not gate.is_here(at(11))


def test_between_the_thresholds_whoever_is_in_stays_in_and_whoever_is_out_stays_out() -> None:
    assert heard(*standing(-58, 3), *standing(-70, 30, start=3)).is_here(at(33))
    assert not heard(*standing(-70, 30)).is_here(at(30))


def test_weakness_ends_by_itself_when_nothing_more_is_heard() -> None:
    gate = heard(*standing(-58, 2), *standing(-90, 2, start=2))
    assert gate.is_here(at(5))
    assert not gate.is_here(at(6.9))


def test_six_seconds_of_silence_leave_and_five_do_not() -> None:
    gate = heard(*standing(-58, 2))
    assert gate.is_here(at(1.8 + 5.9))
    assert not gate.is_here(at(1.8 + 6))


def test_bluez_being_deaf_for_five_seconds_in_fifteen_ends_nothing() -> None:
    gate = Gate(Thresholds())
    for seconds, rssi_dbm in standing(-58, 60):
        if seconds % 15 < 10:
            gate.heard(rssi_dbm, at(seconds))
        if seconds >= 1:
            assert gate.is_here(at(seconds))


def test_a_clock_set_back_forgets_instead_of_waiting_for_it_to_catch_up() -> None:
    gate = heard(*standing(-58, 2))
    assert not gate.is_here(at(-3600))
    assert gate.is_silent(at(-3600))


def test_a_clock_set_forward_is_silence() -> None:
    assert heard(*standing(-58, 2)).is_silent(at(3600))


def test_somebody_walking_past_at_a_normal_pace_does_not_enter() -> None:
    # 1.4 m/s past the screen at 3 m, -59 dBm at 1 m, free space: -68.5 dBm when nearest.
    walk = [(n / 5, -59 - 10 * log10(9 + (1.4 * (n / 5 - 5)) ** 2) + noise(n)) for n in range(50)]
    gate = Gate(Thresholds())
    for seconds, rssi_dbm in walk:
        gate.heard(rssi_dbm, at(seconds))
        assert not gate.is_here(at(seconds))


def test_somebody_standing_at_the_screen_is_here_within_two_seconds_and_stays_for_a_minute() -> (
    None
):
    gate = Gate(Thresholds())
    for n in range(300):
        gate.heard(-54 + noise(n), at(n / 5))
        assert gate.is_here(at(n / 5)) or n / 5 < 2


def noise(n: int) -> float:
    """Between -6 and 6 dB, the same in every run."""
    return draws("radio", 300)[n] * 12 - 6
