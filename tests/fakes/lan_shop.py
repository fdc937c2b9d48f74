"""Two devices of one shop with the shop's own broker between them; only the line to it runs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.app.wiring import Appliance
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.simulated_phone import SimulatedPhone
from edge.web.phone_ports import Enrolment
from edge.web.recognition_ports import Scan
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.broker import Broker, wait_until
from tests.fakes.customer import EVERYTHING, NOTICE, PREFIX, recognising


@dataclass
class LanShop:
    """The devices ``kiosk-1`` and ``kiosk-2``."""

    clock: SettableClock
    broker: Broker
    first: Appliance
    second: Appliance

    def meet(self) -> None:
        """Wait until both are connected."""
        for device in (self.first, self.second):
            link = device.shop.link
            assert link is not None
            wait_until(lambda link=link: link.status().is_connected, "the line is there")  # type: ignore[misc]

    def phone(self) -> SimulatedPhone:
        """Return the phone of a customer whom both devices know."""
        phone = SimulatedPhone(system_chance(32), 1, PREFIX)
        for device in (self.first, self.second):
            parts = recognising(device)
            pairing = parts.recognise.pair("kiosk-1")
            opened = parts.pages.open_pairing(pairing.url.rpartition("/")[2])
            assert opened is not None
            parts.pages.enrol(opened, Enrolment(EVERYTHING, phone.beacon_key, NOTICE, True))
            parts.known.tick()
            parts.recognise.leave("kiosk-1")
        return phone

    def scan(self, device: Appliance, code: str) -> Scan:
        """Hold a code to a device's kiosk."""
        return recognising(device).recognise.scanned("kiosk-1", code)

    def near(self, device: Appliance, phone: SimulatedPhone, rssi_dbm: float) -> None:
        """Let a device's radio hear the phone for three seconds, and the other device hear of it."""
        other = self.second if device is self.first else self.first
        link = other.shop.link
        assert link is not None
        for _ in range(6):
            self.clock.advance(timedelta(seconds=0.5))
            before = link.status().heard
            frame = phone.frame(self.clock())
            recognising(device).beacons.heard((frame,), "kiosk-1", rssi_dbm, self.clock())
            wait_until(lambda before=before: link.status().heard > before, "the other has heard")  # type: ignore[misc]


@contextmanager
def lan_shop(folder: Path, broker: Broker) -> Iterator[LanShop]:
    """Run the line of two devices over ``broker``."""
    clock = SettableClock(LUNCH_AT)
    with ExitStack() as devices:
        first, second = (
            devices.enter_context(
                appliance(folder / name, clock=clock, **_overrides(name, place, broker))
            )
            for name, place in (("kiosk-1", "entrance"), ("kiosk-2", "cafe"))
        )
        for device in (first, second):
            device.shop.start()
        shop = LanShop(clock, broker, first, second)
        shop.meet()
        yield shop


def _overrides(name: str, place: str, broker: Broker) -> dict[str, Any]:
    return {
        "device_id": name,
        "lan.on": True,
        "lan.host": "127.0.0.1",
        "lan.port": broker.port,
        "recognition.beacon.place": place,
    }
