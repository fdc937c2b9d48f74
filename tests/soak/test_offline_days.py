"""Thirty days without a line, then all of it over a bad one: nothing is lost, nothing counts twice.

``make soak`` lets a shop record 50,000 events a day for 30 days by a clock that is set, 1.5 million
in all, and then drains them into Mosquitto over a line that breaks about 1,000 times: cut in the
middle of packets, answers lost, the old connection still held by the broker. ``DAYS``,
``EVENTS_A_DAY`` and ``FAULTS`` change that. ``make test`` runs the same with a few thousand events.

Of lanes c and t nothing may be missing. Of e and m nothing but what the outbox itself reported to
have dropped, because it had expired or its cap was reached.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.store.store import Store
from edge.sync.delivery import Delivery, DeliveryParts, DeliverySettings
from edge.wire.topics import Topics
from tests.fakes.broker import running_broker, wait_until
from tests.fakes.offline_shop import (
    EVENTS_A_DAY,
    CountingCentral,
    OfflineShop,
    counting_central,
    scale,
)
from tests.fakes.proxy import FAULTS, Proxy, fates

TOPICS = Topics("demo", "harbour", "kiosk-01")


@dataclass(frozen=True, slots=True)
class Trip:
    """How long, how much, over how bad a line."""

    days: int
    events_a_day: int
    faults: int
    bytes_per_fault: int
    within_s: float
    outbox_bytes: int = 1 << 30


def drained(store: Store, shop: OfflineShop, port: int, within_s: float) -> float:
    """Deliver all of it; return the seconds that took."""
    parts = DeliveryParts(store, TOPICS, "0.1.0", shop.clock, system_chance)
    settings = DeliverySettings(
        "127.0.0.1", port, back_off_min_s=0.005, back_off_max_s=0.02, answer_within_s=2, pace_s=0.02
    )
    delivery = Delivery(parts, settings, lambda message: None)
    began = time.monotonic()
    delivery.start()
    try:
        wait_until(lambda: store.health().waiting == 0, "the outbox is empty", within_s)
        return time.monotonic() - began
    finally:
        delivery.stop()


def report(trip: Trip, shop: OfflineShop, central: CountingCentral, line: Proxy) -> str:
    missing = {lane: len(shop.ids[lane] - central.ids[lane]) for lane in "ctem"}
    saved = 1 - central.wire_bytes / central.plain_bytes
    return (
        f"{trip.days} days offline, {sum(map(len, shop.ids.values()))} events; "
        f"{line.connections} connections ({line.suffered}); {central.messages} messages of "
        f"{central.wire_bytes / central.messages / 1000:.1f} kB on the wire, "
        f"{saved:.0%} saved by compression; {central.repeats} events came again; "
        f"missing {missing}, reported as dropped {dict(central.dropped)}"
    )


def go(trip: Trip, folder: Path) -> None:
    """Be offline, come back, and check what central has."""
    shop = OfflineShop(folder / "data", trip.outbox_bytes)
    store = shop.open()
    try:
        began = time.monotonic()
        shop.live(store, trip.days, trip.events_a_day)
        recorded_s = time.monotonic() - began
        disk_mb, waiting = shop.size_bytes() / 1e6, store.health().waiting
        with (
            running_broker(folder) as broker,
            counting_central(broker.port) as central,
            Proxy(broker.port, fates(trip.faults, trip.bytes_per_fault)) as line,
        ):
            took_s = drained(store, shop, line.port, trip.within_s)
            central.wait_until_quiet()
            print(  # noqa: T201 - the figures are the point of a soak
                f"\n{report(trip, shop, central, line)}\nrecorded in {recorded_s:.0f} s, "
                f"{disk_mb:.0f} MB on disk ({disk_mb * 1e6 / waiting:.0f} bytes an event), "
                f"drained {waiting} in {took_s:.0f} s, {waiting / took_s:.0f} events/s"
            )
            check(shop, central)
            assert line.connections > trip.faults
    finally:
        store.close()


def check(shop: OfflineShop, central: CountingCentral) -> None:
    """Assert that central has everything that was not reported as dropped, and nothing else."""
    for lane in "ctem":
        assert central.ids[lane] <= shop.ids[lane]
        assert len(shop.ids[lane] - central.ids[lane]) == central.dropped[lane]
    assert central.ids["c"] == shop.ids["c"]
    assert central.ids["t"] == shop.ids["t"]


@pytest.mark.broker
def test_days_offline_over_a_line_that_breaks_lose_nothing(tmp_path: Path) -> None:
    go(Trip(days=3, events_a_day=1000, faults=12, bytes_per_fault=12_000, within_s=30), tmp_path)


@pytest.mark.broker
def test_an_outbox_that_was_too_small_says_what_it_dropped_and_keeps_every_order(
    tmp_path: Path,
) -> None:
    trip = Trip(
        days=3,
        events_a_day=1000,
        faults=4,
        bytes_per_fault=12_000,
        within_s=30,
        outbox_bytes=1 << 20,
    )
    go(trip, tmp_path)


@pytest.mark.broker
def test_what_is_older_than_thirty_days_is_said_to_have_expired(tmp_path: Path) -> None:
    go(
        Trip(days=33, events_a_day=50, faults=len(FAULTS), bytes_per_fault=4_000, within_s=30),
        tmp_path,
    )


@pytest.mark.soak
@pytest.mark.broker
@pytest.mark.timeout(7200)
def test_thirty_days_offline_and_a_thousand_broken_connections_lose_nothing(tmp_path: Path) -> None:
    trip = Trip(
        days=scale("DAYS", 30),
        events_a_day=scale("EVENTS_A_DAY", EVENTS_A_DAY),
        faults=scale("FAULTS", 1000),
        bytes_per_fault=75_000,
        within_s=7000,
    )
    go(trip, tmp_path)
