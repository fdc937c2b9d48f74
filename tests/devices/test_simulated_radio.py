"""An unmodified BleakScanner on the simulated BlueZ hears what it would hear on a real one."""

import asyncio
from pathlib import Path

from bleak import BleakScanner
from bleak.args.bluez import BlueZScannerArgs
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from edge.devices.air import Advertisement
from tests.fakes.air import Air, address, air, android, frame, iphone, needs_bus

OURS: BlueZScannerArgs = {
    "adapter": "hci0",
    "filters": {"RSSI": -90, "DuplicateData": True},
}
USUAL: BlueZScannerArgs = {"adapter": "hci0"}
LAST_DBM = -30
"""The strength of a packet that comes after all the others."""


def heard(held: Air, bluez: BlueZScannerArgs, *packets: Advertisement) -> list[AdvertisementData]:
    """What bleak's callback gets of packets sent one after the other."""
    got: list[AdvertisementData] = []
    is_over = asyncio.Event()

    def hear(_device: BLEDevice, data: AdvertisementData) -> None:
        if data.rssi == LAST_DBM:
            is_over.set()
        else:
            got.append(data)

    async def listen() -> None:
        async with BleakScanner(hear, bluez=bluez):
            for packet in packets:
                await asyncio.to_thread(held.radio.advertise, packet)
            await asyncio.to_thread(held.radio.advertise, Advertisement(address(999), LAST_DBM))
            await asyncio.wait_for(is_over.wait(), 5)

    asyncio.run(listen())
    return got


@needs_bus
def test_bleak_as_it_comes_hears_a_standing_phone_once(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        assert len(heard(held, USUAL, *[iphone(frame(5), -60)] * 20)) == 1


@needs_bus
def test_bleak_with_our_filters_hears_every_packet(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        got = heard(held, OURS, *[iphone(frame(5), -60)] * 20)
    assert [each.rssi for each in got] == [-60] * 20


@needs_bus
def test_bleak_gets_the_types_that_bluez_sends(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        (got,) = heard(held, OURS, android(frame(5)))
    assert list(got.service_data.values()) == [frame(5)]
    assert got.service_uuids == []


@needs_bus
def test_bleak_hears_a_phone_that_was_there_before_it_listened(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        heard(held, OURS, iphone(frame(5), -60))
        got = heard(held, OURS, iphone(frame(5), -60))
    assert [each.rssi for each in got] == [-60]


@needs_bus
def test_bleak_picks_the_adapter_by_itself_when_none_is_named(tmp_path: Path) -> None:
    async def listen() -> None:
        async with BleakScanner():
            pass

    with air(tmp_path) as held:
        asyncio.run(listen())
        assert [name for name, _ in held.radio.calls][:2] == [
            "SetDiscoveryFilter",
            "StartDiscovery",
        ]
