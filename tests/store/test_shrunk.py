"""Events as they lie in the outbox: all of them, in a fraction of the room."""

import zlib
from pathlib import Path

import pytest

from edge.store.room import room
from edge.store.shrunk import grow, shrink
from tests.fakes.offline_shop import OfflineShop


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"specversion":"1.0"}',
        b"\x01 begins like one of ours",
        b'{"id":"of another kind"}',
        '{"specversion":"1.0","data":{"größe":"\U0001f950"}}'.encode(),
        b'{"specversion":' + b"9" * 32_000,
    ],
)
def test_what_goes_in_comes_out(body: bytes) -> None:
    assert grow(shrink(body)) == body


def test_what_an_older_version_wrote_is_read_as_it_is() -> None:
    assert grow(b'{"specversion":"1.0","id":"x"}') == b'{"specversion":"1.0","id":"x"}'


def test_the_dictionary_is_the_one_that_devices_in_shops_wrote_with() -> None:
    written = bytes.fromhex("012323cd1b20802179e91f96c27034f3d01b18b5b500")

    assert grow(written) == (
        b'{"specversion":"1.0","id":"019c0000-0000-7000-8000-000000000001","source":"/sites/'
        b'harbour-kitchen/devices/kiosk-01","data":{"event":"Order Placed","total_minor":350}}'
    )


def test_a_part_is_no_event() -> None:
    with pytest.raises(zlib.error):
        grow(b"\x01\xff\xff\xff")


def test_a_month_at_fifty_thousand_events_a_day_fits_half_the_outbox(tmp_path: Path) -> None:
    shop = OfflineShop(tmp_path)
    store = shop.open()
    shop.live(store, days=1, events_a_day=1000)
    health = store.health()
    bodies = [row.body for lane in "cte" for row in store.reads.waiting(lane, 500)]

    assert health.waiting_bytes / health.waiting * 50_000 * 30 < (1 << 30) / 2
    assert sum(room(len(body)) for body in bodies) > 3 * sum(
        room(len(shrink(body))) for body in bodies
    )
    assert all(body.startswith(b'{"specversion":"1.0"') for body in bodies)
    store.close()
