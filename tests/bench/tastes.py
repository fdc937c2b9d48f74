"""What it costs that one shop knows what another does: bytes on the line, and central's time."""

import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from edge.central.customers.profile_content import Customer, content
from edge.central.customers.sealed_message import Letter, envelope
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of
from edge.identity.profile import Profile, Purchase
from edge.wire.signed import Stamp
from tests.bench.row import Row
from tests.fakes.central_customers import CentralCustomers, Voice, said
from tests.fakes.device_events import NOON
from tests.fakes.postgres import running_postgres

GROUP: Final = "tastes"
CUSTOMERS: Final = 500
OTHERS: Final = 3
TODAY: Final = day_of(NOON)


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_postgres() as server:
        clock = SettableClock(NOON)
        central = CentralCustomers(Path(folder), server.url(), clock, reach="group")
        try:
            yield from _up(central)
            yield from _down(central)
            yield from _served(central)
        finally:
            central.close()


def bought(products: int) -> Profile:
    """Somebody who bought two products a visit."""
    lines = (Purchase(f"croissant-butter-{n % 40}", TODAY - n // 2, 1) for n in range(products))
    return Profile(purchases=tuple(lines))


def _up(central: CentralCustomers) -> Iterator[Row]:
    shop = central.voice("shop-1-1")
    for products in (2, 200):
        events = shop.tastes(bytes(32), bought(products))
        size = sum(len(one.raw) for one in events)
        yield Row(GROUP, f"up: {products} products in {len(events)} event(s)", size, "bytes")


def _down(central: CentralCustomers) -> Iterator[Row]:
    device, writing = central.voice("shop-2-1"), central.part.keys.writing
    consents = [said(one, NOON) for one in (Purpose.TASTES, Purpose.PAST_ORDERS)]
    for products in (0, 20, 60, 200):
        one = Customer(bytes(8), bytes(32), 1, "en", NOON, consents, bought(products))
        letter = Letter(device.device, "profile", {"customers": [content(one, NOON, 7)]}, NOON)
        payload = envelope(writing, letter, device.exchange_key, Stamp(NOON, "0" * 36))
        yield Row(GROUP, f"down: a customer with {products} products", len(payload), "bytes")


def _served(central: CentralCustomers) -> Iterator[Row]:
    here, crowd = central.voice("shop-1-1"), [system_chance(32) for _ in range(CUSTOMERS)]
    for number in range(OTHERS):
        central.born(central.voice(f"shop-2-{number}", "shop-2"))
    consents = [said(Purpose.PAST_ORDERS, NOON)]
    central.sink.write([here.enrolment(key, consents) for key in crowd])
    central.tell()
    for what, products in (("first", 2), ("next", 60)):
        yield from _round(central, here, crowd, (what, bought(products)))


def _round(
    central: CentralCustomers, here: Voice, crowd: list[bytes], told: tuple[str, Profile]
) -> Iterator[Row]:
    what, profile = told
    events = [one for key in crowd for one in here.tastes(key, profile)]
    began = time.perf_counter()
    for start in range(0, len(events), 20):
        central.sink.write(events[start : start + 20])
    took = (time.perf_counter() - began) / len(events) * 1e3
    size = len(profile.purchases)
    yield Row(GROUP, f"central takes and merges a word, {what} of {size} products", took, "ms")
    central.clock.advance(timedelta(minutes=1))
    began = time.perf_counter()
    central.tell()
    took = (time.perf_counter() - began) / len(crowd) * 1e3
    yield Row(GROUP, f"and writes it to {OTHERS} devices, {what}", took, "ms")
