"""A shop without a line: days of its events in a real outbox, and central that counts them later."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement, EngagementKind
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from edge.sync.mqtt import BrokerAddress, Handlers, MqttConnection, Received, Session
from edge.wire.cloudevents import Event, Origin
from edge.wire.compressed import inflate
from edge.wire.events import Events, OrderFacts, OrderLineFacts
from edge.wire.lanes import Lane
from tests.fakes.recorded import NOON

EVENTS_A_DAY: Final = 50_000
_AT_ONCE: Final = 250

KINDS: Final = ("play", "exposure", "tap", "exposure", "play", "add", "exposure", "dismiss")


@dataclass(slots=True)
class OfflineShop:
    """Records a day's events, scaled, with a clock that jumps from batch to batch."""

    folder: Path
    outbox_bytes: int = StoreSettings.for_outbox(1 << 30).outbox_bytes
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOON))
    ids: dict[str, set[bytes]] = field(default_factory=lambda: {lane: set() for lane in "ctem"})

    visit_id: str = ""
    decision_id: str = ""

    def open(self) -> Store:
        """Open its store, with the outbox as it is in a shop."""
        settings = replace(StoreSettings.for_outbox(self.outbox_bytes), reserve_bytes=0)
        return Store.open(
            self.folder,
            clock=self.clock,
            chance=system_chance,
            settings=settings,
            announce=self._events().outbox_dropped,
        )

    def live(self, store: Store, days: int, events_a_day: int) -> None:
        """Let ``days`` pass without a line; once a day the store keeps house."""
        batches = -(-events_a_day // _AT_ONCE)
        for _ in range(days):
            waits = []
            for batch in range(batches):
                count = min(_AT_ONCE, events_a_day - batch * _AT_ONCE)
                waits.append(store.add_events([self._event(n) for n in range(count)]))
                self.clock.advance(timedelta(days=1) / batches)
            for wait in waits:
                wait.result(60)
            store.sweep()

    def size_bytes(self) -> int:
        """Return what the store takes on disk, its log included."""
        return sum(path.stat().st_size for path in self.folder.glob("edge.db*"))

    def _events(self) -> Events:
        origin = Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc")
        return Events(origin, self.clock, system_chance)

    def _event(self, n: int) -> Event:
        # Of 250: 5 orders, 1 consent, 2 reports of health; the rest is what screens saw and did.
        made = self._plain(n)
        self.ids[made.lane].add(bytes.fromhex(made.event_id.replace("-", "")))
        return made

    def _plain(self, n: int) -> Event:
        at, events = self.clock(), self._events()
        event_id = uuid7(at, system_chance)
        if n % 12 == 0:
            self.visit_id = uuid7(at, system_chance)
        if n % 4 == 0:
            self.decision_id = uuid7(at, system_chance)
        visit = self.visit_id
        if n % 50 == 1:
            lines = [OrderLineFacts("flat-white", {"milk": ("oat",)}, 1 + n % 3, 350)]
            return events.order(
                OrderFacts(event_id, lines, 350, "GBP", 1 + n, "eat_in", at, "kiosk-1", visit)
            )
        if n == 2:  # of an order's size; what is in it is all the same to an outbox
            made = events.order(
                OrderFacts(event_id, [], 0, "GBP", 1, "eat_in", at, "kiosk-1", visit)
            )
            return replace(made, lane=Lane.CONSENT, kind="consent")
        if n in {3, 128}:
            return events.health({f"figure_{i}": float(n * i) for i in range(12)})
        kind: EngagementKind = KINDS[n % len(KINDS)]
        return events.engagement(
            Engagement(event_id, kind, self.decision_id, n % 4, "kiosk-1", visit, at, n * 10)
        )


class CountingCentral:
    """Central's side: takes everything, remembers ids, counts what came twice."""

    def __init__(self, port: int) -> None:
        self.ids: dict[str, set[bytes]] = {lane: set() for lane in "ctem"}
        self._reports: set[bytes] = set()  # the outbox's own words, none of the shop's
        self.repeats = 0
        self.wire_bytes = 0
        self.plain_bytes = 0
        self.messages = 0
        self.dropped: Counter[str] = Counter()
        """Events of each lane that the device said it had to drop."""
        handlers = Handlers(
            connected=lambda limits: self._link.subscribe(("instore/v1/+/d/+/up/ev/#",)),
            lost=lambda why: None,
            acknowledged=lambda number, reason: None,
            received=self._received,
        )
        session = Session(receive_maximum=1000)
        self._link = MqttConnection(
            BrokerAddress("127.0.0.1", port, "central"), handlers, system_chance, session
        )
        self.is_listening = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="central", daemon=True)

    def start(self) -> None:
        """Listen; returns when the broker has granted it."""
        self._link.connect(None, b"")
        self._thread.start()
        assert self.is_listening.wait(10)

    def wait_until_quiet(self) -> None:
        """Return when the broker has nothing more for central."""
        before = -1
        while before != self.messages:
            before = self.messages
            time.sleep(0.5)
        assert self._thread.is_alive()

    def stop(self) -> None:
        """End the subscription."""
        self._stopping.set()
        self._link.wake()
        self._thread.join(10)
        self._link.disconnect()
        self._link.close()

    def _run(self) -> None:
        while not self._stopping.is_set() and self._link.step(0.5):
            if self._link.is_connected:
                self.is_listening.set()

    def _received(self, received: Received) -> None:
        plain = inflate(received.payload, received.encoding)
        self.messages += 1
        self.wire_bytes += len(received.payload)
        self.plain_bytes += len(plain)
        lane = received.topic[-1]
        parsed = orjson.loads(plain)
        for event in parsed if isinstance(parsed, list) else [parsed]:
            is_report = event["data"]["event"] == "Events Dropped"
            seen = self._reports if is_report else self.ids[lane]
            event_id = bytes.fromhex(event["id"].replace("-", ""))
            if event_id in seen:
                self.repeats += 1
                continue
            seen.add(event_id)
            if is_report:
                for run in event["data"]["properties"]["runs"]:
                    self.dropped[run["lane"]] += run["count"]


@contextmanager
def counting_central(port: int) -> Iterator[CountingCentral]:
    """Run central for the length of a ``with``."""
    central = CountingCentral(port)
    central.start()
    try:
        yield central
    finally:
        central.stop()


def scale(name: str, usual: int) -> int:
    """Return a number that the environment may change, as ``DAYS=3 make soak`` does."""
    return int(os.environ.get(name, str(usual)))
