"""Ten thousand advertisements a second: sightings are shed, and the screens do not pay.

What a request costs is the CPU time of the thread that answers it, through the whole appliance
on real SQLite. The flood comes from a process of its own over a real bus and an unmodified bleak.
Three cases take turns, so that neighbours hit all alike: no flood; the same flood on a bus that
nobody listens to, whose sender and bus keep the processor as busy; and the flood with our radio.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from edge.core.clock import system_clock
from edge.devices.ble import BeaconScanner, ScannerSettings
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus
from edge.devices.sightings import Sighting
from edge.identity.arbiter import Leases
from edge.identity.noise import Noise
from tests.fakes.air import PREFIX, needs_bus, wait_until
from tests.fakes.air_load import AirLoad, air_load
from tests.fakes.appliance import appliance, client

pytestmark = [needs_bus, pytest.mark.soak]

FLOOD_PER_S = 10_000
ROUNDS = 9
REQUESTS = 100


@dataclass
class Flooded:
    """A radio that listens, and what floods it."""

    scanner: BeaconScanner
    load: AirLoad
    leases: Leases
    looked_at: list[int]


@contextmanager
def flooded(folder: Path, patch: pytest.MonkeyPatch, noise: Noise) -> Iterator[Flooded]:
    bus = PrivateBus(folder)
    bus.start()
    patch.setenv(SYSTEM_BUS, bus.address)
    leases, looked_at = Leases(), [0]

    def sighted(seen: Sighting) -> None:
        looked_at[0] += 1
        leases.sighted(seen.frame[6:14], "kiosk-1", seen.rssi_dbm, seen.seen_at)

    settings = ScannerSettings("hci0", PREFIX)
    scanner = BeaconScanner(settings, sighted, system_clock, noise)
    try:
        with air_load(bus.address) as load:
            scanner.start()
            wait_until(lambda: scanner.status().state == "listening", "the radio listens")
            yield Flooded(scanner, load, leases, looked_at)
            scanner.stop()
    finally:
        scanner.stop()
        bus.stop()


@contextmanager
def elsewhere(folder: Path) -> Iterator[AirLoad]:
    """Give a flood on a bus of its own."""
    (folder / "elsewhere").mkdir()
    bus = PrivateBus(folder / "elsewhere")
    bus.start()
    try:
        with air_load(bus.address) as load:
            yield load
    finally:
        bus.stop()


class NeverOff(Noise):
    """Rests after a loud second as usual, and never for ten minutes."""

    def is_off(self, now: datetime) -> bool:
        return False


@dataclass
class Cost:
    """What requests cost, round by round: CPU time each, and how long each took."""

    cpu_us: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    def take(self, browser: FlaskClient) -> None:
        before_ns = time.thread_time_ns()
        for _ in range(REQUESTS):
            began = time.perf_counter()
            answer = browser.post("/api/v1/decide", json={"placement": "kiosk-strip"})
            assert answer.status_code == 200
            self.wall_ms.append((time.perf_counter() - began) * 1000)
        self.cpu_us.append((time.thread_time_ns() - before_ns) / REQUESTS / 1000)

    def __str__(self) -> str:
        p50, p95 = (statistics.quantiles(self.wall_ms, n=100)[at] for at in (49, 94))
        return f"CPU {self.median_us:.0f} us, wall p50 {p50:.1f} ms, p95 {p95:.1f} ms"

    @property
    def median_us(self) -> float:
        return statistics.median(self.cpu_us)


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


def test_a_flood_costs_the_screens_no_cpu_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, beside, loud = Cost(), Cost(), Cost()
    loud_s = 0.0
    with (
        appliance(tmp_path / "data", clock=system_clock) as built,
        flooded(tmp_path, monkeypatch, NeverOff()) as air,
        elsewhere(tmp_path) as unheard,
    ):
        browser = client(built)
        Cost().take(browser)
        started, memory = time.perf_counter(), rss_bytes()
        for _ in range(ROUNDS):
            quiet.take(browser)
            _under_flood(unheard, lambda: beside.take(browser))
            loud_s += _under_flood(air.load, lambda: loud.take(browser))
        took_s, grown = time.perf_counter() - started, rss_bytes() - memory
        total = air.load.at(0)
    status = air.scanner.status()
    ratio = loud.median_us / beside.median_us
    sys.stdout.write(
        f"flood {total / loud_s:.0f}/s for {loud_s:.0f} s: sent {total}, heard {status.heard}, "
        f"looked at {air.looked_at[0]}, shed {status.shed}, dropped {status.dropped}\n"
        f"a request, no flood: {quiet}\nflood, no radio: {beside}\nflood and radio: {loud}\n"
        f"ratio of CPU with the radio to without {ratio:.2f}, to no flood "
        f"{loud.median_us / quiet.median_us:.2f}; memory {grown / 2**20:+.1f} MiB\n"
    )
    assert air.looked_at[0] + status.shed + status.dropped == status.sighted <= total
    assert air.looked_at[0] <= 500 * (took_s + 1)
    assert total / loud_s > FLOOD_PER_S / 2, "neighbours left no flood to speak of"
    assert grown < 10 * 2**20
    assert ratio < 1.2


def _under_flood(load: AirLoad, act: Callable[[], None]) -> float:
    """Do something while the air is flooded, for two seconds at least; return for how long."""
    load.at(FLOOD_PER_S)
    began = time.perf_counter()
    time.sleep(0.5)
    act()
    time.sleep(max(0.0, 2 - (time.perf_counter() - began)))
    load.at(0)
    return time.perf_counter() - began


def test_a_flood_that_lasts_switches_the_radio_off_and_then_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with flooded(tmp_path, monkeypatch, Noise()) as air:
        air.load.at(FLOOD_PER_S)
        began = time.perf_counter()
        while air.scanner.status().state != "noise":
            assert time.perf_counter() - began < 60
            time.sleep(0.2)
        after_s = time.perf_counter() - began
        heard, before_s = air.scanner.status().heard, time.process_time()
        time.sleep(10)
        cores = (time.process_time() - before_s) / 10
        sys.stdout.write(
            f"off after {after_s:.0f} s of {FLOOD_PER_S}/s, {heard} heard; then {cores:.3f} cores\n"
        )
        assert air.scanner.status().heard == heard
        assert cores < 0.05
