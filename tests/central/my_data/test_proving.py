"""A proof opens one customer's data once; nobody learns whether a key is wrong or unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.central.my_data.home_tags import Claimed
from edge.central.my_data.proving import Proving
from edge.core.chance import system_chance
from edge.identity.day_keys import day_key, day_of
from edge.identity.home_key import home_day_key
from edge.identity.presence import Refusal
from edge.identity.proof import proof

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
START = NOON - timedelta(minutes=5)
KEY = bytes(range(32))
ADA = Claimed(b"pseudony", KEY)


@pytest.fixture
def proving() -> Proving:
    return Proving(START, system_chance)


def made(at: datetime, key: bytes = KEY) -> str:
    return proof(home_day_key(key, day_of(at)), at, system_chance(4))


def test_who_holds_the_key_is_who_they_say(proving: Proving) -> None:
    assert proving.proven(made(NOON), lambda: ADA, NOON) == b"pseudony"


def test_a_proof_opens_once(proving: Proving) -> None:
    code = made(NOON)
    proving.proven(code, lambda: ADA, NOON)

    assert proving.proven(code, lambda: ADA, NOON) is Refusal.USED


def test_midnight_and_a_clock_that_is_a_little_off_are_no_matter(proving: Proving) -> None:
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    for at in (midnight - timedelta(seconds=1), midnight):
        for seen_at in (at - timedelta(seconds=59), at + timedelta(seconds=59)):
            assert proving.proven(made(at), lambda: ADA, seen_at) == b"pseudony"


def test_a_wrong_key_and_an_unknown_one_are_not_told_apart(proving: Proving) -> None:
    wrong, unknown = made(NOON, b"\1" * 32), made(NOON)
    genuine = made(NOON)
    forged = genuine[:-3] + ("000" if not genuine.endswith("000") else "111")

    assert proving.proven(wrong, lambda: ADA, NOON) is Refusal.UNKNOWN
    assert proving.proven(forged, lambda: ADA, NOON) is Refusal.UNKNOWN
    assert proving.proven(unknown, lambda: None, NOON) is Refusal.UNKNOWN
    # And none of them is used up by that.
    assert proving.proven(genuine, lambda: ADA, NOON) == b"pseudony"


def test_a_day_key_that_shops_hold_proves_nothing_here(proving: Proving) -> None:
    code = proof(day_key(KEY, 1, day_of(NOON)), NOON, system_chance(4))

    assert proving.proven(code, lambda: ADA, NOON) is Refusal.UNKNOWN


def test_what_is_late_early_or_of_before_the_start_is_not_even_looked_up(proving: Proving) -> None:
    def asked() -> Claimed | None:
        raise AssertionError

    late, early = NOON - timedelta(seconds=61), NOON + timedelta(seconds=61)
    assert proving.proven(made(late), asked, NOON) is Refusal.LATE
    assert proving.proven(made(early), asked, NOON) is Refusal.EARLY
    before = START - timedelta(seconds=1)
    assert proving.proven(made(before), asked, START + timedelta(seconds=1)) is Refusal.USED
    assert proving.proven("P1:", asked, NOON) is Refusal.UNREADABLE
    assert proving.proven("K1:" + made(NOON)[3:], asked, NOON) is Refusal.UNREADABLE


def test_one_key_opens_a_dozen_times_in_three_minutes_and_not_more(proving: Proving) -> None:
    answers = [proving.proven(made(NOON), lambda: ADA, NOON) for _ in range(13)]

    assert answers == [b"pseudony"] * 12 + [Refusal.TOO_MANY]
