"""Every code opens once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from edge.identity.presence import Refusal
from edge.identity.used import BUCKET_S, KEPT_S, MAX_PER_TELLER, UsedCodes

NOW_S = 1_790_000_000
NOW = datetime.fromtimestamp(NOW_S, UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_code_opens_once() -> None:
    used = UsedCodes()

    assert used.take(b"code", b"amira", NOW_S, NOW) is None
    assert used.take(b"code", b"amira", NOW_S, NOW) is Refusal.USED
    assert used.take(b"other", b"amira", NOW_S, NOW) is None


@pytest.mark.parametrize("ahead", range(-60, 61, 5))
def test_a_code_is_remembered_for_three_minutes_wherever_its_moment_lies(ahead: int) -> None:
    for start in range(0, BUCKET_S, 30):
        used, at_s = UsedCodes(), NOW_S + start + ahead
        assert used.take(b"code", b"amira", at_s, after(start)) is None
        for later in range(1, 182, 12):
            assert used.take(b"code", b"amira", at_s, after(start + later)) is Refusal.USED


def test_what_can_no_longer_open_is_forgotten() -> None:
    used = UsedCodes()
    used.take(b"code", b"amira", NOW_S, NOW)
    used.take(b"later", b"amira", NOW_S + 600, after(600))

    assert len(used) == 1


def test_a_clock_set_forward_and_back_opens_nothing_again() -> None:
    used = UsedCodes()
    used.take(b"code", b"amira", NOW_S, NOW)
    used.take(b"far ahead", b"ben", NOW_S + 86_400, after(86_400))

    assert used.take(b"code", b"amira", NOW_S, after(5)) is Refusal.USED


def test_a_clock_that_was_far_ahead_does_not_lock_anybody_out() -> None:
    used = UsedCodes()
    used.take(b"far ahead", b"ben", NOW_S + 86_400, after(86_400))

    assert used.take(b"code", b"amira", NOW_S, NOW) is None


def test_a_customer_has_as_many_codes_as_a_phone_draws() -> None:
    used = UsedCodes()
    bucket_s = NOW_S - NOW_S % BUCKET_S
    taken = [used.take(bytes([n]), b"amira", bucket_s + n, after(0)) for n in range(13)]

    assert taken == [None] * 12 + [Refusal.TOO_MANY]
    assert used.take(b"ben's", b"ben", bucket_s, NOW) is None
    assert used.take(b"next", b"amira", bucket_s + BUCKET_S, after(BUCKET_S)) is None


def test_a_code_that_came_too_soon_still_opens_when_there_is_room() -> None:
    used = UsedCodes(max_codes=1)
    first, second = NOW_S, NOW_S + 600
    used.take(b"code", b"amira", first, NOW)

    assert used.take(b"other", b"ben", first, NOW) is Refusal.TOO_MANY
    assert used.take(b"other", b"ben", second, after(600)) is None


def test_a_full_memory_refuses_and_does_not_forget() -> None:
    used = UsedCodes(max_codes=100)
    for n in range(300):
        used.take(bytes([n % 256, n // 256]), bytes([n % 250]), NOW_S, NOW)

    assert len(used) == 100
    assert used.take(b"\0\0", b"x", NOW_S, NOW) is Refusal.USED


def test_of_many_threads_with_the_same_code_one_wins() -> None:
    used, start = UsedCodes(), threading.Barrier(8)

    def take(turn: int) -> Refusal | None:
        start.wait()
        return used.take(bytes([turn]), bytes([turn]), NOW_S, NOW)

    with ThreadPoolExecutor(8) as threads:
        for turn in range(100):
            answers = list(threads.map(take, [turn] * 8))
            assert sorted(answers, key=str) == [None] + [Refusal.USED] * 7


# ---- what other devices of the shop tell -------------------------------------------------


def digest_of(code: bytes, at_s: int = NOW_S) -> bytes:
    """Return what a device tells of a code that opened something there."""
    told: list[bytes] = []
    there = UsedCodes()
    there.told = lambda digest, _at_s: told.append(digest)
    assert there.take(code, b"amira", at_s, NOW) is None
    return told[0]


def test_a_code_that_opened_something_elsewhere_opens_nothing_here() -> None:
    used = UsedCodes()

    used.hear(digest_of(b"code"), NOW_S, NOW, "kiosk-2")

    assert used.take(b"code", b"amira", NOW_S, NOW) is Refusal.USED
    assert used.take(b"other", b"amira", NOW_S, NOW) is None


def test_what_others_tell_leaves_half_of_the_memory_to_what_is_used_here() -> None:
    used = UsedCodes(max_codes=10)
    for number in range(30):
        used.hear(bytes([number]) * 16, NOW_S, NOW, f"kiosk-{number}")

    assert len(used) == 5
    taken = [used.take(bytes([number]), bytes([number]), NOW_S, NOW) for number in range(6)]
    assert taken == [*[None] * 5, Refusal.TOO_MANY]


def test_one_device_alone_cannot_crowd_out_what_the_others_tell() -> None:
    used = UsedCodes()
    for number in range(MAX_PER_TELLER + 10):
        used.hear(number.to_bytes(16, "big"), NOW_S, NOW, "kiosk-2")
    assert len(used) == MAX_PER_TELLER

    used.hear(digest_of(b"code"), NOW_S, NOW, "kiosk-3")
    assert used.take(b"code", b"amira", NOW_S, NOW) is Refusal.USED


@pytest.mark.parametrize("seconds", [-KEPT_S - 1, KEPT_S + 1])
def test_what_could_open_nothing_here_is_not_noted(seconds: int) -> None:
    used = UsedCodes()
    used.hear(bytes(16), NOW_S + seconds, NOW, "kiosk-2")

    assert len(used) == 0
