from datetime import UTC, datetime, timedelta

from edge.identity.noise import LOOKED_AT_PER_S, LOUD_PER_S, OFF_FOR, Noise

START_AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START_AT + timedelta(seconds=seconds)


def hear(noise: Noise, per_s: int, second: int) -> int:
    """Hear so many sightings spread over one second; return how many were looked at."""
    looked = 0
    for n in range(per_s):
        noise.heard(at(second + n / per_s))
        looked += noise.may_look()
    return looked


def test_five_hundred_a_second_are_looked_at_and_the_rest_is_counted() -> None:
    noise = Noise()
    assert hear(noise, 1_200, 0) == LOOKED_AT_PER_S
    assert noise.shed == 700
    assert hear(noise, 400, 1) == 400
    assert noise.shed == 700


def test_a_busy_shop_is_not_noise() -> None:
    noise = Noise()
    for second in range(120):
        hear(noise, LOUD_PER_S, second)
        assert not noise.is_off(at(second + 1))


def test_a_second_says_once_that_it_has_become_loud() -> None:
    noise = Noise(loud_per_s=10)
    assert [noise.heard(at(n / 100)) for n in range(20)] == [False] * 10 + [True] + [False] * 9
    assert not noise.heard(at(1))


def test_ten_loud_seconds_switch_the_radio_off_for_ten_minutes() -> None:
    noise = Noise()
    for second in range(10):
        assert not noise.is_off(at(second))
        hear(noise, LOUD_PER_S + 1, second)
    assert noise.is_off(at(10))
    assert noise.off_until_at == at(10) + OFF_FOR
    assert noise.is_off(at(10 + 599))
    assert not noise.is_off(at(10 + 600))
    assert noise.off_until_at is None


def test_noise_that_bluez_hears_only_ten_seconds_in_fifteen_is_noise_too() -> None:
    noise = Noise()
    for second in range(5, 20):
        if second % 15 < 10:
            hear(noise, LOUD_PER_S + 1, second)
    assert noise.is_off(at(20))


def test_a_loud_second_each_seven_is_not_lasting() -> None:
    noise = Noise()
    for second in range(0, 280, 7):
        hear(noise, LOUD_PER_S + 1, second)
        assert not noise.is_off(at(second + 1))


def test_a_clock_set_back_does_not_keep_the_radio_off() -> None:
    noise = Noise()
    for second in range(10):
        hear(noise, LOUD_PER_S + 1, second)
    assert noise.is_off(at(10))
    assert not noise.is_off(at(-86_400))


def test_a_clock_set_back_does_not_stop_the_counting_of_seconds() -> None:
    noise = Noise()
    hear(noise, LOOKED_AT_PER_S, 0)
    assert hear(noise, 10, -3_600) == 10
