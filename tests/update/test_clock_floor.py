"""A clock that shows a moment that is past is not asked what has expired."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.clock import SettableClock
from edge.update.clock_floor import (
    LARGEST_STEP,
    WRITTEN_AT,
    ClockBehindError,
    ClockFloor,
    Confirmed,
    is_behind,
    raised,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNED = NOW - timedelta(days=1)
JUMPS = st.timedeltas(timedelta(days=-3652), timedelta(days=3652))


@pytest.fixture
def floor(tmp_path: Path) -> ClockFloor:
    return ClockFloor(file=tmp_path / "floor.json", timesync_file=tmp_path / "timesync")


def test_a_new_device_knows_when_its_software_was_made(floor: ClockFloor) -> None:
    assert floor.at() == WRITTEN_AT
    with pytest.raises(ClockBehindError, match="1970"):
        floor.require(SettableClock(datetime(1970, 1, 1, tzinfo=UTC)))


def test_a_verified_refresh_raises_the_floor_to_the_moment_of_the_signature(
    floor: ClockFloor,
) -> None:
    floor.confirm(NOW, SIGNED)

    assert floor.at() == SIGNED


def test_a_clock_that_the_network_set_raises_it_to_its_own_time(tmp_path: Path) -> None:
    floor = ClockFloor(
        file=tmp_path / "floor.json",
        timesync_file=tmp_path / "none",
        is_synchronised=lambda: True,
    )

    floor.confirm(NOW, SIGNED)

    assert floor.at() == NOW


def test_a_document_signed_after_this_clocks_time_raises_it_no_further_than_that(
    floor: ClockFloor,
) -> None:
    floor.confirm(NOW, NOW + timedelta(days=10))

    assert floor.at() == NOW


def test_the_floor_outlives_a_restart(floor: ClockFloor) -> None:
    floor.confirm(NOW, SIGNED)

    assert ClockFloor(file=floor.file, timesync_file=floor.timesync_file).at() == SIGNED


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"at": 7}', b'{"at": "2026-03-02"}'])
def test_a_damaged_file_leaves_the_other_floors(floor: ClockFloor, left: bytes) -> None:
    floor.file.write_bytes(left)

    assert floor.at() == WRITTEN_AT


def test_the_file_of_the_time_service_counts_while_it_is_there(floor: ClockFloor) -> None:
    floor.timesync_file.touch()
    os.utime(floor.timesync_file, (NOW.timestamp(), NOW.timestamp()))
    assert floor.at() == NOW

    # Set right again after somebody had set it ahead: nothing of that is kept.
    earlier = NOW - timedelta(days=30)
    os.utime(floor.timesync_file, (earlier.timestamp(), earlier.timestamp()))
    assert floor.at() == earlier


def test_a_step_back_by_the_network_is_no_wrong_clock() -> None:
    assert not is_behind(NOW - LARGEST_STEP, NOW)
    assert is_behind(NOW - LARGEST_STEP - timedelta(seconds=1), NOW)


@given(jump=JUMPS, is_synchronised=st.booleans())
def test_no_jump_lowers_the_floor_or_lifts_it_above_the_clock(
    jump: timedelta, is_synchronised: bool
) -> None:
    now = NOW + jump

    found = raised(SIGNED, Confirmed(now, SIGNED, is_synchronised))

    assert found >= SIGNED
    assert found <= max(SIGNED, now)


@given(jumps=st.lists(JUMPS, max_size=20))
def test_a_clock_that_nobody_set_never_carries_the_floor_past_what_was_signed(
    jumps: list[timedelta],
) -> None:
    floor = WRITTEN_AT
    for jump in jumps:
        floor = raised(floor, Confirmed(NOW + jump, SIGNED, is_synchronised=False))
    assert floor <= SIGNED
