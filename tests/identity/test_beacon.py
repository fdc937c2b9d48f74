"""What a phone sends over Bluetooth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.identity import beacon
from tests.fakes import frozen_token as frozen
from tests.fakes.frozen_token import FRAME, PREFIX


def test_the_frozen_frame_is_made_and_read() -> None:
    made = beacon.encode(
        frozen.DAY_KEY, frozen.INTERVAL, prefix=PREFIX, power_dbm=frozen.POWER_DBM, scope=0
    )
    parts = beacon.decode(FRAME, PREFIX)

    assert made == FRAME
    assert parts == beacon.Frame(0, 2, False, -59, frozen.ROLLING_ID, FRAME[14:])
    assert beacon.is_made_with(FRAME, frozen.DAY_KEY)


def test_on_air_the_frame_is_one_service_uuid_and_leaves_ten_bytes_free() -> None:
    flags, uuid_list = bytes.fromhex("020106"), bytes.fromhex("1107")

    assert flags + uuid_list + FRAME[::-1] == frozen.ADVERTISEMENT
    assert len(frozen.ADVERTISEMENT) == 21
    assert beacon.uuid_of(FRAME) == "6b629a41-50c5-2f35-a3e4-70edae2949d4"
    assert beacon.frame_of("6B629A41-50C5-2F35-A3E4-70EDAE2949D4") == FRAME


@pytest.mark.parametrize(
    ("measured", "sent"), [(-59, -59), (-60, -59), (-61, -59), (-62, -63), (-40, -39), (-100, -99)]
)
def test_the_power_is_rounded_so_that_it_tells_phones_apart_less(measured: int, sent: int) -> None:
    made = beacon.encode(frozen.DAY_KEY, 1, prefix=PREFIX, power_dbm=measured)
    parts = beacon.decode(made, PREFIX)

    assert parts is not None
    assert parts.power_dbm == sent


def test_a_frame_of_another_retailer_version_or_length_is_none_of_ours() -> None:
    assert beacon.decode(FRAME, b"abcd") is None
    assert beacon.decode(FRAME[:4] + b"\x90" + FRAME[5:], PREFIX) is None
    assert beacon.decode(FRAME[:15], PREFIX) is None
    assert beacon.decode(FRAME + b"\0", PREFIX) is None


@pytest.mark.parametrize("place", range(4, 16))
def test_a_change_of_any_byte_after_the_prefix_is_found(place: int) -> None:
    changed = bytearray(FRAME)
    changed[place] ^= 1

    assert not beacon.is_made_with(bytes(changed), frozen.DAY_KEY)


def test_another_day_key_made_another_frame() -> None:
    assert not beacon.is_made_with(FRAME, bytes(16))


def test_both_carriers_are_found_each_frame_once_and_others_left_out() -> None:
    older = beacon.encode(frozen.DAY_KEY, frozen.INTERVAL - 1, prefix=PREFIX, power_dbm=-59)
    short = beacon.encode(frozen.DAY_KEY, frozen.INTERVAL + 1, prefix=PREFIX, power_dbm=-59)
    uuids = ["0000180f-0000-1000-8000-00805f9b34fb", beacon.uuid_of(older), beacon.uuid_of(FRAME)]
    data = {
        "0000feaa-0000-1000-8000-00805f9b34fb": FRAME,
        "0000fcf1-0000-1000-8000-00805f9b34fb": b"twelve bytes",
        beacon.service_uuid(PREFIX): short[4:],
    }

    assert beacon.frames_in(uuids, data, PREFIX) == [older, FRAME, short]


def test_what_is_no_uuid_is_left_out() -> None:
    assert beacon.frames_in(["180f", "", "no uuid"], {"": b"", "x": b"1"}, PREFIX) == []


@settings(max_examples=300)
@given(
    st.lists(st.text(max_size=40) | st.uuids().map(str), max_size=5),
    st.dictionaries(st.text(max_size=40), st.binary(max_size=40), max_size=5),
)
def test_any_advertisement_is_read_without_an_error(
    uuids: list[str], data: dict[str, bytes]
) -> None:
    assert all(len(one) == 16 for one in beacon.frames_in(uuids, data, PREFIX))


def test_a_frame_shows_no_token_when_it_is_printed() -> None:
    printed = repr(beacon.decode(FRAME, PREFIX))

    assert repr(frozen.ROLLING_ID) not in printed
    assert "rolling_id" not in printed
