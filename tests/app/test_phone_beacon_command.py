"""``edge phone beacon``: from the shell to what the service's radio sees."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.core.clock import system_clock
from edge.core.errors import DeviceUnavailableError, RequestContractError
from edge.devices.ble import BeaconScanner, ScannerSettings
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus
from edge.devices.sightings import Sighting
from edge.identity.simulated_phone import SimulatedPhone
from tests.fakes.air import PREFIX, air, needs_bus, wait_until

KEY = bytes(range(32))


def send(*words: object) -> Result:
    return CliRunner().invoke(edge, ["phone", "beacon", *map(str, words)])


@contextmanager
def radio_of_the_service() -> Iterator[list[Sighting]]:
    seen: list[Sighting] = []
    settings = ScannerSettings("hci0", PREFIX, look_s=0.05, retry_s=0.05)
    scanner = BeaconScanner(settings, seen.append, system_clock)
    scanner.start()
    try:
        wait_until(lambda: scanner.status().state == "listening", "the radio listens")
        yield seen
    finally:
        scanner.stop()


@needs_bus
@pytest.mark.parametrize("carrier", ["iphone", "android"])
def test_a_radio_that_runs_already_hears_the_phone_of_that_key(
    tmp_path: Path, carrier: str
) -> None:
    with air(tmp_path) as held, radio_of_the_service() as seen:
        before = SimulatedPhone(KEY, 7, PREFIX).frame(system_clock())
        sent = send(
            *("--key", KEY.hex(), "--group", 7, "--as", carrier, "--rssi", -50),
            *("--bus", held.bus.address, "--seconds", 0.3, "--every-ms", 20),
        )
        after = SimulatedPhone(KEY, 7, PREFIX).frame(system_clock())
        wait_until(lambda: seen, "the phone is seen")
    assert sent.exit_code == 0, sent.output
    assert {each.frame for each in seen} <= {before, after}
    assert all(-53 <= each.rssi_dbm <= -47 for each in seen)


@needs_bus
def test_by_itself_it_starts_a_radio_says_where_and_ends_it_when_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The command alone: all of `edge` takes seconds to import on a busy machine.
    alone = "from edge.app.phone_beacon_command import beacon; beacon()"
    with subprocess.Popen(
        [sys.executable, "-c", alone, "--new", "--walk", "--every-ms", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        name, _, address = process.stdout.readline().strip().partition("=")
        assert name == SYSTEM_BUS
        monkeypatch.setenv(name, address)
        with radio_of_the_service() as seen:
            wait_until(lambda: seen, "the phone comes near enough to be heard")
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=10)[1]
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert not Path(address.removeprefix("unix:path=")).parent.exists()


@needs_bus
def test_a_bus_without_a_simulated_radio_is_said(tmp_path: Path) -> None:
    bus = PrivateBus(tmp_path)
    bus.start()
    try:
        found = send("--new", "--bus", bus.address).exception
    finally:
        bus.stop()
    assert isinstance(found, DeviceUnavailableError)
    assert "ServiceUnknown" in str(found)


def test_no_bus_at_the_address_is_said(tmp_path: Path) -> None:
    found = send("--new", "--bus", f"unix:path={tmp_path}/none").exception
    assert isinstance(found, DeviceUnavailableError)
    assert "edge phone beacon" in str(found)


@pytest.mark.parametrize("prefix", ["", "12", "zz629a41", "6b629a4100"])
def test_a_prefix_of_another_length_is_refused(prefix: str) -> None:
    assert isinstance(send("--new", "--prefix", prefix).exception, RequestContractError)
