"""A thousand advertisements a second without loss, through an unmodified bleak."""

import sys
import time
from pathlib import Path

import pytest

from edge.core.clock import system_clock
from edge.devices.ble import BeaconScanner, ScannerSettings
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus
from edge.devices.radio_status import RadioStatus
from edge.devices.sightings import Sighting
from tests.fakes.air import PREFIX, needs_bus, wait_until
from tests.fakes.air_load import air_load

pytestmark = needs_bus

PER_S = 1_000


def heard(folder: Path, monkeypatch: pytest.MonkeyPatch, seconds: float) -> tuple[int, RadioStatus]:
    """Return how many packets were sent in so long, and what the radio counted."""
    bus = PrivateBus(folder)
    bus.start()
    monkeypatch.setenv(SYSTEM_BUS, bus.address)
    looked_at: list[Sighting] = []
    scanner = BeaconScanner(ScannerSettings("hci0", PREFIX), looked_at.append, system_clock)
    try:
        with air_load(bus.address) as load:
            scanner.start()
            wait_until(lambda: scanner.status().state == "listening", "the radio listens")
            load.at(PER_S)
            time.sleep(seconds)
            sent = load.at(0)
            wait_until(lambda: scanner.status().heard >= sent, f"all {sent} are heard")
            scanner.stop()
    finally:
        scanner.stop()
        bus.stop()
    status = scanner.status()
    assert len(looked_at) == status.sighted - status.shed
    return sent, status


def test_a_thousand_a_second_are_all_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, status = heard(tmp_path, monkeypatch, 5)
    assert status.heard == status.sighted == sent
    assert status.dropped == 0
    assert sent > 4.5 * PER_S


@pytest.mark.soak
def test_a_thousand_a_second_are_all_heard_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_s = time.process_time()
    sent, status = heard(tmp_path, monkeypatch, 60)
    used_s = time.process_time() - before_s
    sys.stdout.write(
        f"sent {sent}, heard {status.heard}, handed on {sent - status.shed}, "
        f"CPU {used_s / sent * 1e6:.0f} us each\n"
    )
    assert status.heard == status.sighted == sent
    assert status.dropped == 0
    assert status.off_until_at is None, "a busy shop is not noise"
    assert sent > 59 * PER_S
