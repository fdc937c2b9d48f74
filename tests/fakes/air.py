"""A private bus with a simulated BlueZ on it, as the system's bus of this process."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from edge.core.clock import Clock, system_clock
from edge.devices.air import Advertisement
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus, daemon
from edge.devices.simulated_radio import SimulatedRadio
from edge.identity.beacon import encode, uuid_of

PREFIX: Final = bytes.fromhex("6b629a41")
needs_bus = pytest.mark.skipif(
    daemon() is None, reason="wanted the program dbus-daemon, found none: apt-get install dbus"
)
_WITHIN_S: Final = 10.0


@dataclass
class Air:
    """The bus and the radio, to be broken at will."""

    bus: PrivateBus
    radio: SimulatedRadio


@contextmanager
def air(folder: Path, *, clock: Clock = system_clock, has_gaps: bool = False) -> Iterator[Air]:
    """Start bus and radio; within the block this process takes the bus for the system's."""
    bus = PrivateBus(folder)
    bus.start()
    radio = SimulatedRadio(bus.address, clock, has_gaps=has_gaps)
    before = os.environ.get(SYSTEM_BUS)
    os.environ[SYSTEM_BUS] = bus.address
    try:
        radio.start()
        yield Air(bus, radio)
    finally:
        radio.crash()
        bus.stop()
        os.environ.pop(SYSTEM_BUS)
        if before is not None:
            os.environ[SYSTEM_BUS] = before


def frame(interval: int, customer: int = 0) -> bytes:
    """Return what the phone of ``customer`` sends in ``interval``."""
    return encode(customer.to_bytes(16, "big"), interval, prefix=PREFIX, power_dbm=-59)


def address(number: int) -> str:
    """Return the address of phone ``number``."""
    return ":".join(f"{each:02X}" for each in (0xC0, *number.to_bytes(5, "big")))


def iphone(sent: bytes, rssi_dbm: int = -55, phone: int = 1) -> Advertisement:
    """Return a packet that carries a frame as a service UUID, all that iOS lets an app send."""
    return Advertisement(address(phone), rssi_dbm, (uuid_of(sent),))


def android(sent: bytes, rssi_dbm: int = -55, phone: int = 1) -> Advertisement:
    """Return a packet that carries a frame as service data."""
    uuid = "0000fd3d-0000-1000-8000-00805f9b34fb"
    return Advertisement(address(phone), rssi_dbm, (), {uuid: sent})


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Wait for something another thread does.

    Raises:
        AssertionError: It did not happen.
    """
    deadline = time.monotonic() + _WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"waited {_WITHIN_S:.0f} s in vain: {what}"
        time.sleep(0.002)
