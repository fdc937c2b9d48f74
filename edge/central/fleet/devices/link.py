"""Central's connection to the broker for everything but events: hears devices, speaks to them.

A message is acknowledged when it is committed, so the broker brings it again if we end before.
Not a shared subscription: retained messages do not come to those.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge.central.fleet.devices.heard import Heard, read
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import BrokerUnavailableError, WireContractError
from edge.sync.backoff import BackOff
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection, Received, Session
from edge.wire.topics import CentralTopics

log = logging.getLogger(__name__)

_SESSION: Final = Session(
    expiry_s=24 * 3600, receive_maximum=1000, max_packet_bytes=1024 * 1024, manual_ack=True
)
_GOOD: Final = 0x80
MAX_WAITING: Final = 900  # below the receive maximum, or the broker would wait for us


@dataclass(frozen=True, slots=True)
class LinkParts:
    """What a link is made of."""

    address: BrokerAddress
    topics: CentralTopics
    clock: Clock
    chance: Chance
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to a device."""

    topic: str
    payload: bytes
    expiry_s: int | None = None
    retain: bool = False


@dataclass(slots=True)
class Waiting:
    """What was heard and is not stored yet, with what is to be acknowledged then."""

    heard: list[Heard] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)


class Link:
    """One connection, driven by one thread through ``step``."""

    def __init__(self, parts: LinkParts) -> None:
        self._parts = parts
        self._back_off = BackOff(parts.chance, max_s=30.0)
        self._connection = self._new()
        self._is_open = False
        self._next_try_s = 0.0
        self._on_ack: dict[int, Callable[[], None]] = {}
        self.waiting = Waiting()
        self.is_ready = False
        self.connections = 0
        self.garbage = 0

    def step(self, timeout_s: float) -> None:
        """Hear what there is; connect again when it is time."""
        if self._is_open:
            self._is_open = self._connection.step(timeout_s)
            if not self._is_open:
                self._lost("the connection ended")
            return
        pause_s = self._next_try_s - self._parts.monotonic()
        if pause_s > 0:
            time.sleep(min(pause_s, timeout_s))
            return
        try:
            self._connection.connect(None, b"")
            self._is_open = True
        except BrokerUnavailableError as error:
            self._lost(str(error))

    def say(self, message: Message, done: Callable[[], None]) -> None:
        """Publish; ``done`` is called when the broker has it, and never if it does not."""
        number = self._connection.publish(
            message.topic, message.payload, expiry_s=message.expiry_s, retain=message.retain
        )
        self._on_ack[number] = done

    def taken(self) -> Waiting:
        """Return what waits to be stored, and begin again with nothing."""
        waiting, self.waiting = self.waiting, Waiting()
        return waiting

    def acknowledge(self, waiting: Waiting) -> None:
        """Tell the broker that all of it is stored."""
        for received in waiting.received:
            self._connection.acknowledge(received)

    def close(self) -> None:
        """Say goodbye and let go of the connection."""
        if self._is_open:
            self._connection.disconnect()
        self._connection.close()

    # ---- what the connection calls -----------------------------------------------------

    def _new(self) -> MqttConnection:
        handlers = Handlers(
            connected=self._connected,
            lost=self._lost,
            acknowledged=self._acknowledged,
            received=self._received,
            refused=lambda why: log.error("the broker refused to let central listen: %s", why),
        )
        return MqttConnection(self._parts.address, handlers, self._parts.chance, _SESSION)

    def _connected(self, _: Limits) -> None:
        self._back_off.reset()
        self._connection.subscribe(self._parts.topics.states)
        self.is_ready = True
        self.connections += 1
        log.info("listening to devices")

    def _lost(self, why: str) -> None:
        if self._next_try_s <= self._parts.monotonic():
            log.warning("no broker: %s", why)
        self.is_ready = False
        self._on_ack.clear()  # who waits for one says it again
        self.waiting = Waiting()  # comes again
        self._next_try_s = self._parts.monotonic() + self._back_off.next_s()

    def _acknowledged(self, number: int, code: int) -> None:
        done = self._on_ack.pop(number, None)
        if done is None:
            return
        if code < _GOOD:
            done()
        else:
            log.error("the broker refused a message to a device: 0x%02x", code)

    def _received(self, received: Received) -> None:
        self.waiting.received.append(received)
        try:
            heard = read(self._parts.topics, received.topic, received.payload, self._parts.clock())
        except WireContractError as error:
            # Acknowledged with the rest: it would come again for ever.
            self.garbage += 1
            log.warning("not understood: %s", error)
            return
        if heard is not None:
            self.waiting.heard.append(heard)
