"""A worker: takes messages from a shared subscription, has them kept, and then acknowledges them.

Its name is its client id, and its session stays with the broker while it is away. So a worker that
was killed anywhere gets again what it had not acknowledged, and what was kept already is known by
its id: nothing is lost, nothing counts twice.

While the sink is away, what was taken is held and not acknowledged; the broker holds the rest back.
After ``patience_s`` the worker leaves the broker, so that a cluster can give its messages to
another one, and comes back when the sink answers.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final, Protocol

from edge.central.bridge.acks import EXPIRY_S, Acks
from edge.central.bridge.carrying import Carrying
from edge.central.bridge.figures import Figures
from edge.central.bridge.reading import Incoming
from edge.central.bridge.speaking import Speaking
from edge.central.bridge.taken import Pace, Taken
from edge.core.chance import Chance
from edge.core.errors import BrokerUnavailableError, UnavailableError
from edge.sync.backoff import BackOff
from edge.sync.mqtt import WINDOW, BrokerAddress, Handlers, MqttConnection, Session

log = logging.getLogger(__name__)

RECEIVE_MAXIMUM: Final = 1_000
SESSION_EXPIRY_S: Final = 30 * 86_400
"""A session that ends takes with it what waits there, and its devices believe it arrived."""
STEADY_S: Final = 5.0
"""A connection that lasts so long is a good one."""
_MANY_SHORT: Final = 5
_IDLE_S: Final = 0.5
_GREETING_S: Final = 10.0


class Checked(Protocol):
    """A sink that can be asked whether it would answer."""

    def check(self) -> None:
        """Ask.

        Raises:
            UnavailableError: It would not.
        """


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    carrying: Carrying
    sink: Checked
    """What is asked before the worker takes messages."""
    figures: Figures
    chance: Chance
    acks: Acks | None = None
    """What tells devices what is written; None: they do not wait for it."""
    speaking: Speaking | None = None
    """Who else writes to devices."""


class Worker:
    """One connection, one sink, one thread."""

    def __init__(
        self,
        address: BrokerAddress,
        subscription: str,
        parts: Parts,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a worker; ``run`` starts it.

        Args:
            address: Of the broker; its client id is the worker's name.
            subscription: The shared filter.
            parts: What it works with.
            pace: How it works.
            monotonic: Seconds that never jump.
        """
        self._subscription = subscription
        self._carrying = parts.carrying
        self._sink = parts.sink
        self._figures = parts.figures
        self._acks = parts.acks
        self._speaking = parts.speaking
        self._pace = pace or Pace()
        self._monotonic = monotonic
        chance = parts.chance
        longest = self._pace.longest_pause_s
        self._broker_pauses = BackOff(chance, min_s=0.2, max_s=longest)
        self._sink_pauses = BackOff(chance, min_s=0.2, max_s=longest)
        self._taken = Taken(self._pace, monotonic)
        self._connect_at = 0.0
        self._failing_since: float | None = None
        self._connection = MqttConnection(
            address,
            Handlers(
                connected=self._on_connected,
                lost=self._drop,
                acknowledged=self._answered,
                received=self._taken.add,
                refused=self._drop,
            ),
            chance,
            Session(expiry_s=SESSION_EXPIRY_S, receive_maximum=RECEIVE_MAXIMUM, manual_ack=True),
        )
        self._has_link = False
        self._greeting_until = 0.0
        self._connected_at = 0.0
        self._short = 0

    def run(self, stopped: Event) -> None:
        """Work until ``stopped``; then say goodbye. What was not acknowledged comes again."""
        try:
            while not stopped.is_set():
                self.turn()
            if self._has_link:
                self._connection.disconnect()
        finally:
            self._connection.close()
            self._figures.connected(False)
            if self._speaking is not None:
                self._speaking.close()

    def turn(self) -> None:
        """Do what is due, or wait for it a little."""
        if not self._has_link:
            self._connect()
            return
        if not self._connection.step(self._patience_s()):
            self._drop("no connection")
        elif not self._connection.is_connected and self._monotonic() > self._greeting_until:
            self._drop("the broker took the connection and said nothing")
        elif self._taken.due_in_s() == 0:
            self._carry()
        self._say_what_is_written()
        if self._speaking is not None and self._connection.is_connected:
            self._speaking.turn(self._connection)

    def _patience_s(self) -> float:
        waits = (self._taken.due_in_s(), self._acks.due_in_s() if self._acks else None)
        return min([_IDLE_S, *(wait for wait in waits if wait is not None)])

    def _say_what_is_written(self) -> None:
        if self._acks is None or not self._connection.is_connected or self._acks.due_in_s() != 0:
            return
        for word in self._acks.take(WINDOW - self._connection.in_flight):
            self._connection.publish(word.topic, word.payload, expiry_s=EXPIRY_S)

    def _answered(self, number: int, reason: int) -> None:
        if self._speaking is None or not self._speaking.acknowledged(number, reason):
            self._figures.said(number, reason)

    def _carry(self) -> None:
        batch = self._taken.batch()
        started = self._monotonic()
        try:
            carried = self._carrying.carry(
                [Incoming(one.topic, one.payload, one.encoding) for one in batch]
            )
        except UnavailableError as error:
            self._hold(error)
            return
        self._figures.carried(carried, self._monotonic() - started)
        self._failing_since = None
        self._sink_pauses.reset()
        if self._acks is not None:
            self._acks.written(carried.kept)
        for one in batch:
            self._connection.acknowledge(one)
        self._taken.done(len(batch))
        self._figures.waiting(len(self._taken))

    def _hold(self, error: UnavailableError) -> None:
        now = self._monotonic()
        self._figures.failed()
        if self._failing_since is None:
            self._failing_since = now
        pause_s = self._sink_pauses.next_s()
        self._taken.hold(pause_s)
        log.warning("%d messages wait %.1f s: %s", len(self._taken), pause_s, error)
        if now - self._failing_since > self._pace.patience_s:
            self._connection.disconnect()
            self._drop("the sink is away; leaving the broker until it is back")

    def _connect(self) -> None:
        pause_s = self._connect_at - self._monotonic()
        if pause_s > 0:
            time.sleep(min(pause_s, _IDLE_S))
            return
        try:
            self._sink.check()
            self._connection.connect(None, b"")
        except UnavailableError as error:
            is_broker = isinstance(error, BrokerUnavailableError)
            pauses = self._broker_pauses if is_broker else self._sink_pauses
            self._connect_at = self._monotonic() + pauses.next_s()
            log.warning("not working: %s", error)
            return
        self._has_link = True
        self._failing_since = None
        self._connected_at = self._monotonic()
        self._greeting_until = self._connected_at + _GREETING_S

    def _on_connected(self, _limits: object) -> None:
        self._connection.subscribe((self._subscription,))
        self._figures.connected(True)
        log.info("connected; taking %s", self._subscription.partition("/")[0])

    def _look_whether_it_lasted(self) -> None:
        """Let pauses grow while connections are short: two of one name push each other out."""
        if self._monotonic() - self._connected_at >= STEADY_S:
            self._short = 0
            self._broker_pauses.reset()
            return
        self._short += 1
        if self._short % _MANY_SHORT == 0:
            log.error(
                "%d connections in a row were over within %g s; if the broker is well, somebody else "
                "has this worker's name: give each its own --worker",
                self._short,
                STEADY_S,
            )

    def _drop(self, why: str) -> None:
        if self._has_link:
            log.warning("disconnected: %s", why)
            self._look_whether_it_lasted()
            self._connect_at = self._monotonic() + self._broker_pauses.next_s()
        self._taken.drop()
        if self._speaking is not None:
            self._speaking.lost()
        self._has_link = False
        self._figures.connected(False)
        self._figures.waiting(0)
