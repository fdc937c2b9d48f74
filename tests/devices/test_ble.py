"""The radio end to end: our settings, an unmodified bleak, a real bus, a simulated BlueZ."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.core.clock import Clock, SettableClock, system_clock
from edge.devices.air import Advertisement
from edge.devices.ble import BeaconScanner, ScannerSettings
from edge.devices.hearing import MOST_UUIDS
from edge.devices.radio_status import State
from edge.devices.sightings import Sighting
from edge.devices.simulated_adapter import SimulatedAdapter
from edge.identity.noise import Noise
from tests.fakes.air import PREFIX, Air, address, air, android, frame, iphone, needs_bus, wait_until

pytestmark = needs_bus

HASTY = ScannerSettings(
    "hci0", PREFIX, silent_s=600, look_s=0.05, retry_s=0.05, answer_s=1, rest_s=0.05
)


@dataclass
class Listening:
    """A scanner in the air, and what it handed on."""

    air: Air
    scanner: BeaconScanner
    sightings: list[Sighting] = field(default_factory=list)

    def wait_for(self, state: State) -> None:
        wait_until(lambda: self.scanner.status().state == state, f"the radio is {state}")

    def wait_for_start(self, times: int) -> None:
        """Wait until it listens for the so-manieth time."""

        def started() -> bool:
            calls = [name for name, _ in self.air.radio.calls]
            return calls.count("StartDiscovery") == times

        wait_until(started, f"discovery was started {times} times")
        self.wait_for("listening")

    def hear(self, *packets: Advertisement) -> list[Sighting]:
        """Send packets, and return what came of them."""
        before, heard = len(self.sightings), self.scanner.status().heard
        self.air.radio.advertise(*packets)
        wait_until(lambda: self.scanner.status().heard >= heard + len(packets), "all was heard")
        wait_until(lambda: len(self.sightings) == self.scanner.status().sighted, "all was seen")
        return self.sightings[before:]

    def hears_again(self) -> None:
        """Send until something arrives: the radio has come back."""

        def arrives() -> bool:
            self.air.radio.advertise(iphone(frame(5)))
            return bool(self.sightings)

        self.sightings.clear()
        wait_until(arrives, "something is heard again")


@contextmanager
def listening(
    folder: Path,
    settings: ScannerSettings = HASTY,
    *,
    clock: Clock = system_clock,
    noise: Noise | None = None,
) -> Iterator[Listening]:
    with air(folder) as held:
        sightings: list[Sighting] = []
        scanner = BeaconScanner(settings, sightings.append, clock, noise)
        scanner.start()
        try:
            found = Listening(held, scanner, sightings)
            found.wait_for("listening")
            yield found
        finally:
            scanner.stop()


def breaking(name: str, value: object = True) -> Callable[[SimulatedAdapter], None]:
    return lambda adapter: setattr(adapter, name, value)


# ---- what is heard ---------------------------------------------------------------------------


def test_bluez_is_asked_for_every_packet_and_for_duplicates(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        pass
    filters = {"Transport": "le", "RSSI": -90, "DuplicateData": True}
    assert found.air.radio.calls == [
        ("SetDiscoveryFilter", filters),
        ("StartDiscovery", {}),
        ("StopDiscovery", {}),
        ("SetDiscoveryFilter", {}),
    ]


def test_both_carriers_bring_the_same_frame(tmp_path: Path) -> None:
    clock = SettableClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
    with listening(tmp_path, clock=clock) as found:
        seen = found.hear(iphone(frame(5), -61, phone=1), android(frame(5), -70, phone=2))
    assert seen == [
        Sighting(frame(5), -61, clock.at, "hci0"),
        Sighting(frame(5), -70, clock.at, "hci0"),
    ]


def test_a_phone_that_stands_still_is_seen_at_every_packet(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        assert len(found.hear(*[iphone(frame(5), -60)] * 30)) == 30


def test_after_a_rotation_the_old_token_and_the_new_are_handed_on_as_one_advertisement(
    tmp_path: Path,
) -> None:
    with listening(tmp_path) as found:
        found.hear(iphone(frame(5)))
        seen = found.hear(iphone(frame(6)))
    assert {each.frame for each in seen} == {frame(5), frame(6)}
    assert len({each.seen_at for each in seen}) == 1


def test_other_peoples_advertisements_are_heard_and_not_seen(tmp_path: Path) -> None:
    foreign = frame(5).replace(PREFIX, b"\1\2\3\4")
    with listening(tmp_path) as found:
        assert found.hear(iphone(foreign), android(foreign, phone=2)) == []
        assert found.scanner.status().heard == 2


def test_an_address_that_gathers_too_many_uuids_is_counted_and_not_looked_at(
    tmp_path: Path,
) -> None:
    uuids = tuple(f"{n:08x}-0000-1000-8000-00805f9b34fb" for n in range(MOST_UUIDS))
    with listening(tmp_path) as found:
        assert len(found.hear(Advertisement(address(1), -55, (*uuids[1:], _uuid(5))))) == 1
        assert found.hear(Advertisement(address(1), -55, (uuids[0],))) == []
        assert found.scanner.status().crowded == 1


def test_a_strength_that_is_none_is_no_sighting(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.radio.advertise(iphone(frame(5), 127, phone=2))
        assert [each.rssi_dbm for each in found.hear(iphone(frame(5), -55))] == [-55]


def test_no_log_line_holds_a_token(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listening(tmp_path) as found:
        found.hear(iphone(frame(5)), android(frame(6), phone=2))
        found.air.radio.crash()
        found.wait_for("waiting")
    assert "bluetoothd ended" in caplog.text
    for token in (frame(5), frame(6)):
        assert token[6:14].hex() not in caplog.text
        assert _uuid(5) not in caplog.text
        assert str(token) not in caplog.text


def _uuid(interval: int) -> str:
    return iphone(frame(interval)).service_uuids[0]


# ---- too much --------------------------------------------------------------------------------


def test_five_hundred_sightings_of_a_second_are_looked_at_and_the_rest_is_counted(
    tmp_path: Path,
) -> None:
    clock = SettableClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
    with listening(tmp_path, clock=clock) as found:
        found.air.radio.advertise(*[android(frame(n), phone=n % 50) for n in range(700)])
        wait_until(lambda: found.scanner.status().sighted == 700, "all were heard")
        wait_until(lambda: len(found.sightings) == 500, "500 were handed on")
        assert found.scanner.status().shed == 200
        clock.advance(timedelta(seconds=1))
        found.air.radio.advertise(android(frame(1)))
        wait_until(lambda: len(found.sightings) == 501, "the next second is looked at again")


def test_lasting_noise_stops_the_scan_for_ten_minutes(tmp_path: Path) -> None:
    clock = SettableClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
    with listening(tmp_path, HASTY, clock=clock, noise=Noise(loud_per_s=10)) as found:
        for times in range(1, 11):
            found.wait_for_start(times)
            found.air.radio.advertise(*[android(frame(5))] * 11)
            wait_until(lambda n=times: found.scanner.status().heard == 11 * n, "all was heard")  # type: ignore[misc]
            clock.advance(timedelta(seconds=1))
        found.wait_for("noise")
        status = found.scanner.status()
        assert "off until 12:10 UTC" in status.words
        assert status.health == "degraded"
        clock.advance(timedelta(minutes=10))
        found.wait_for("listening")
        found.hears_again()


def test_a_loud_second_is_not_listened_to_any_longer(tmp_path: Path) -> None:
    patient = replace(HASTY, rest_s=600)
    with listening(tmp_path, patient, noise=Noise(loud_per_s=100)) as found:
        found.air.radio.advertise(*[android(frame(5))] * 101)
        found.wait_for("loud")
        found.air.radio.advertise(*[android(frame(5))] * 1_000)
        status = found.scanner.status()
        assert status.heard == 101
        assert status.health == "degraded"
        assert "now and then" in status.words


# ---- what breaks -----------------------------------------------------------------------------


def test_without_an_adapter_it_waits_for_one(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        held.radio.unplug()
        found = Listening(held, BeaconScanner(HASTY, lambda _: None, system_clock))
        found.scanner.start()
        try:
            found.wait_for("waiting")
            assert "adapter 'hci0' not found" in found.scanner.status().words
            held.radio.plug_in()
            found.wait_for("listening")
        finally:
            found.scanner.stop()


def test_without_a_bus_it_waits_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    scanner = BeaconScanner(HASTY, lambda _: None, system_clock)
    scanner.start()
    wait_until(lambda: scanner.status().state == "waiting", "it found no bus")
    assert scanner.status().health == "degraded"
    scanner.stop()
    assert scanner.status().state == "stopped"


def test_an_adapter_that_is_taken_away_and_put_back_is_used_again(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.radio.unplug()
        found.wait_for("waiting")
        found.air.radio.plug_in()
        found.wait_for("listening")
        found.hears_again()


def test_a_bluetoothd_that_crashed_and_came_back_is_used_again(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.radio.crash()
        found.wait_for("waiting")
        found.air.radio.start()
        found.wait_for("listening")
        found.hears_again()


def test_a_bus_that_was_started_again_is_used_again(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.bus.stop()
        found.wait_for("waiting")
        found.air.radio.crash()
        found.air.bus.start()
        found.air.radio.start()
        found.wait_for("listening")
        found.hears_again()


def test_an_adapter_without_power_is_said_and_used_once_it_has_some(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.radio.unplug()
        found.wait_for("waiting")
        found.air.radio.plug_in()
        found.air.radio.fault(breaking("is_powered", False))
        wait_until(lambda: "NotReady" in found.scanner.status().words, "it says so")
        found.air.radio.fault(breaking("is_powered", True))
        found.wait_for("listening")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_stop_that_bluez_refuses_leaves_no_deaf_radio(tmp_path: Path, times: int) -> None:
    settings = ScannerSettings("hci0", PREFIX, silent_s=0.2, look_s=0.05, retry_s=0.05, answer_s=1)
    with listening(tmp_path, settings) as found:
        found.air.radio.fault(breaking("is_asleep"))
        found.air.radio.fault(breaking("refused_stops", times))
        found.hears_again()


def test_a_bluez_that_does_not_answer_is_given_up_and_tried_again(tmp_path: Path) -> None:
    settings = ScannerSettings(
        "hci0", PREFIX, silent_s=600, look_s=0.05, retry_s=0.05, answer_s=0.2
    )
    with listening(tmp_path, settings) as found:
        found.air.radio.unplug()
        found.wait_for("waiting")
        found.air.radio.plug_in()
        found.air.radio.fault(breaking("is_mute"))
        wait_until(lambda: "TimeoutError" in found.scanner.status().words, "it was given up")
        found.air.radio.fault(breaking("is_mute", False))
        found.wait_for("listening")
        found.hears_again()


def test_a_radio_that_went_to_sleep_is_woken_by_a_new_start(tmp_path: Path) -> None:
    settings = ScannerSettings("hci0", PREFIX, silent_s=0.3, look_s=0.05, retry_s=0.05)
    with listening(tmp_path, settings) as found:
        found.air.radio.fault(breaking("is_asleep"))
        wait_until(lambda: found.scanner.status().restarts >= 1, "the watchdog started it again")
        found.hears_again()
        assert not found.scanner.status().needs_reset


def test_a_radio_that_died_needs_a_reset_and_says_so_until_it_is_heard_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ScannerSettings("hci0", PREFIX, silent_s=0.1, look_s=0.05, retry_s=0.05)
    with listening(tmp_path, settings) as found:
        found.air.radio.fault(breaking("is_dead"))
        wait_until(lambda: found.scanner.status().needs_reset, "starting again did not help")
        assert "reset the adapter" in found.scanner.status().words
        assert caplog.text.count("it needs a reset") <= 1
        assert found.scanner.status().health == "degraded"
        found.air.radio.crash()
        found.air.radio.start()
        found.hears_again()
        wait_until(lambda: not found.scanner.status().needs_reset, "the reset helped")


# ---- beginning and end -----------------------------------------------------------------------


def test_without_an_adapter_in_the_settings_nothing_starts() -> None:
    scanner = BeaconScanner(ScannerSettings("", PREFIX), lambda _: None, system_clock)
    scanner.start()
    assert scanner.status().state == "off"
    assert scanner.status().health == "off"
    assert "presented code only" in scanner.status().words
    scanner.stop()


def test_what_was_heard_before_the_stop_is_handed_on(tmp_path: Path) -> None:
    with listening(tmp_path) as found:
        found.air.radio.advertise(*[android(frame(n)) for n in range(50)])
        wait_until(lambda: found.scanner.status().sighted == 50, "all were heard")
        found.scanner.stop()
        assert len(found.sightings) == 50
        assert found.scanner.status().words == "Stopped."
