"""From the air to a lease: a customer walks to the screen, stands there, and walks away.

Over a bus, an unmodified bleak and a BlueZ that is deaf for 5 s in every 15; the day's clock is
set, so the minute takes a second.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.core.chance import draws
from edge.core.clock import SettableClock
from edge.devices.ble import BeaconScanner, ScannerSettings
from edge.devices.sightings import Sighting
from edge.devices.simulated_walk import Walk
from edge.identity.arbiter import Leases
from edge.identity.beacon_reader import BeaconReader
from edge.identity.day_keys import day_of
from edge.identity.profile import CustomerId
from edge.identity.simulated_phone import SimulatedPhone
from edge.identity.windows import Windows
from tests.fakes.air import PREFIX, air, iphone, needs_bus, wait_until

ANN = CustomerId(b"a" * 16)
STEP = timedelta(seconds=0.2)


class Kiosk:
    """What the service makes of sightings, in one thread."""

    def __init__(self, phone: SimulatedPhone, clock: SettableClock) -> None:
        windows = Windows()
        windows.put(ANN, {day_of(clock.at): phone.day_key(clock.at)}, clock.at)
        windows.roll(clock.at)
        self._reader = BeaconReader(windows, PREFIX)
        self._leases = Leases()
        self.waiting: list[Sighting] = []
        self.taken = 0

    def take(self) -> None:
        seen, self.waiting[:] = list(self.waiting), []
        self.taken += len(seen)
        for each in seen:
            found = self._reader.read([each.frame])
            assert found is not None
            self._leases.sighted(found.customer_id, "kiosk-1", each.rssi_dbm, each.seen_at)

    def holds(self, now: datetime) -> bool:
        self._leases.tick(now)
        return bool(self._leases.screens_of(ANN))


@needs_bus
def test_a_known_phone_holds_the_screen_while_its_owner_stands_there(tmp_path: Path) -> None:
    clock = SettableClock(datetime(2026, 3, 3, 12, 4, 40, tzinfo=UTC))  # rotates on the way
    phone = SimulatedPhone(bytes(range(32)), 7, PREFIX)
    kiosk = Kiosk(phone, clock)
    walk = Walk(-55, approach_s=3, stay_s=14, away_s=10)
    noise = iter(draws("walk", 150))
    held: list[bool] = []
    with air(tmp_path, clock=clock, has_gaps=True) as found:
        scanner = BeaconScanner(ScannerSettings("hci0", PREFIX), kiosk.waiting.append, clock)
        scanner.start()
        wait_until(lambda: scanner.status().state == "listening", "the radio listens")
        heard = 0
        for step in range(150):
            rssi_dbm = walk.dbm_at(step / 5, lambda _: bytes([int(next(noise) * 256)]))
            found.radio.advertise(iphone(phone.frame(clock.at), rssi_dbm))
            if step / 5 % 15 < 10 and rssi_dbm >= -90:
                heard += 1
                wait_until(lambda: kiosk.waiting, "it was heard and handed on")
            kiosk.take()
            clock.advance(STEP)
            held.append(kiosk.holds(clock.at))
        scanner.stop()
    began, ended = held.index(True) / 5, (150 - held[::-1].index(True)) / 5
    assert held == [began <= step / 5 < ended for step in range(150)], "it never flickered"
    assert 2 <= began <= 5
    assert 18 <= ended <= 26
    assert kiosk.taken > heard, "both tokens of an address count"
