"""Whose beacon was heard."""

import pytest

from edge.identity.beacon import encode
from edge.identity.beacon_reader import BeaconReader
from edge.identity.profile import CustomerId
from edge.identity.windows import Windows
from tests.fakes.frozen_token import AT, DAY, DAY_KEY, FRAME, INTERVAL, PREFIX

AMIRA, BEN = CustomerId(b"A" * 16), CustomerId(b"B" * 16)
BENS_KEY = b"ben's key, 16 b."


@pytest.fixture
def reader() -> BeaconReader:
    windows = Windows()
    windows.put(AMIRA, {DAY: DAY_KEY}, AT)
    windows.put(BEN, {DAY: BENS_KEY}, AT)
    windows.roll(AT)
    return BeaconReader(windows, PREFIX)


def frame(interval: int, key: bytes = DAY_KEY) -> bytes:
    return encode(key, interval, prefix=PREFIX, power_dbm=-59)


def test_the_frozen_frame_is_its_customers(reader: BeaconReader) -> None:
    found = reader.read([FRAME])

    assert found is not None
    assert (found.customer_id, found.interval) == (AMIRA, INTERVAL)


def test_of_all_that_bluez_gathered_the_newest_frame_counts(reader: BeaconReader) -> None:
    heard = [
        frame(INTERVAL + 1),
        frame(INTERVAL - 1, BENS_KEY),
        frame(INTERVAL),
        frame(INTERVAL - 9),
    ]

    for order in (heard, heard[::-1]):
        found = reader.read(order)
        assert found is not None
        assert (found.customer_id, found.interval) == (AMIRA, INTERVAL + 1)


@pytest.mark.parametrize("place", range(16))
def test_a_frame_with_any_byte_changed_is_nobodys(reader: BeaconReader, place: int) -> None:
    changed = bytearray(FRAME)
    changed[place] ^= 0x10

    assert reader.read([bytes(changed)]) is None


def test_an_old_frame_and_a_strangers_are_nobodys(reader: BeaconReader) -> None:
    assert (
        reader.read([frame(INTERVAL - 2), frame(INTERVAL + 2), frame(INTERVAL, bytes(16))]) is None
    )
    assert reader.read([]) is None
    assert reader.read([b"", b"short", bytes(40)]) is None
