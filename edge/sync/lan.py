"""The line to the other devices of the shop: one thread, one connection to the shop's own broker.

Nothing waits for it. While it is away the device knows what happens on itself, and tells its
latest state as soon as it is back; what is worth something only at this moment is not kept.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import BrokerUnavailableError, EdgeError, UnavailableError
from edge.sync.backoff import BackOff
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection, Received, Session
from edge.sync.tls import Tls
from edge.wire.lan import KINDS
from edge.wire.topics import Topics

log = logging.getLogger(__name__)

_MOST_PASSING: Final = 200
_MOST_ON_THEIR_WAY: Final = 15
_STEP_S: Final = 0.5
_ANSWER_WITHIN_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 15.0
_PASSING_EXPIRY_S: Final = 30
_WORDS_EVERY_S: Final = 60.0
"""How often what others get wrong is logged: a device that says nothing right must not fill the disk."""

Heard = Callable[[str, str, bytes], None]
"""(kind, device, payload): what another device, or this one before a restart, told."""


@dataclass(frozen=True, slots=True)
class LanSettings:
    """The shop's own broker."""

    host: str
    port: int
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class LanStatus:
    """How the line is."""

    is_connected: bool
    since: datetime
    heard: int = 0
    refused: int = 0
    dropped: int = 0
    last_error: str | None = None


class LanLink:
    """Tells the other devices and hears them. ``keep`` and ``tell`` may be called by any thread."""

    def __init__(
        self, topics: Topics, settings: LanSettings, *, heard: Heard, clock: Clock, chance: Chance
    ) -> None:
        self._topics = topics
        self._settings = settings
        self._heard = heard
        self._clock = clock
        self._back_off = BackOff(chance, max_s=_LONGEST_PAUSE_S)
        self._states: dict[str, bytes] = {}
        self._untold: set[str] = set()
        self._passing: deque[tuple[str, bytes]] = deque(maxlen=_MOST_PASSING)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._since = clock()
        self._counts = {"heard": 0, "refused": 0, "dropped": 0}
        self._last_error: str | None = None
        self._silent_until_s = 0.0
        # On a broker that takes the name from the certificate this is overruled by it.
        client_id = topics.device if settings.tls else f"{topics.device}-lan"
        self._link = MqttConnection(
            BrokerAddress(settings.host, settings.port, client_id, settings.tls),
            Handlers(
                connected=self._connected,
                lost=self._note,
                acknowledged=lambda _number, _reason: None,
                received=self._received,
                refused=self._note,
            ),
            chance,
            Session(expiry_s=0),  # what was missed is told again as state, or was of its moment
        )
        self._thread = threading.Thread(target=self._run, name="lan", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread; the broker keeps this device's state for the others."""
        self._stopping.set()
        self._link.wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._link.close()

    def keep(self, kind: str, payload: bytes) -> None:
        """Have the others know this state of ours, now and when they come back."""
        with self._lock:
            self._states[kind] = payload
            self._untold.add(kind)
        self._link.wake()

    def tell(self, kind: str, payload: bytes) -> None:
        """Tell the others something of this moment; dropped when nobody can be told."""
        if not self._link.is_connected:
            self._counts["dropped"] += 1
            return
        self._passing.append((kind, payload))
        self._link.wake()

    def status(self) -> LanStatus:
        """Return how the line is; from any thread."""
        return LanStatus(
            self._link.is_connected, self._since, **self._counts, last_error=self._last_error
        )

    # ---- in the thread -----------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._stay_connected()
            except UnavailableError as error:
                self._note(str(error))
            except Exception as error:
                # Broad, because this is a supervisor: the line goes on whatever one message did.
                log.exception("the line to the shop's other devices failed")
                self._note(f"{type(error).__name__}: {error}")
            self._since = self._clock()
            self._stopping.wait(self._back_off.next_s())
        self._link.disconnect()

    def _stay_connected(self) -> None:
        self._link.connect(None, b"")
        give_up_at = time.monotonic() + _ANSWER_WITHIN_S
        while not self._stopping.is_set() and self._link.step(_STEP_S):
            if self._link.is_connected:
                self._say()
            elif time.monotonic() > give_up_at:
                msg = (
                    f"wanted an answer from the shop's broker, got silence for {_ANSWER_WITHIN_S} s"
                )
                raise BrokerUnavailableError(msg)

    def _connected(self, _limits: Limits) -> None:
        self._back_off.reset()
        self._since = self._clock()
        self._last_error = None
        with self._lock:
            self._untold = set(self._states)
        self._link.subscribe(tuple(self._topics.lan_of_all(kind) for kind in KINDS))

    def _say(self) -> None:
        with self._lock:
            states = [(kind, self._states[kind]) for kind in self._untold]
            self._untold.clear()
        for kind, payload in states:
            self._link.publish(self._topics.lan(kind), payload, retain=True)
        while self._passing and self._link.in_flight < _MOST_ON_THEIR_WAY:
            kind, payload = self._passing.popleft()
            self._link.publish(self._topics.lan(kind), payload, expiry_s=_PASSING_EXPIRY_S)

    def _received(self, message: Received) -> None:
        kind, device = message.topic.split("/")[-2:]
        if not message.payload:
            return  # a retained state was taken away
        self._counts["heard"] += 1
        try:
            self._heard(kind, device, message.payload)
        except EdgeError as error:
            if self._refused(f"{device}: {error}"):
                log.warning("the shop's other devices: %s", self._last_error)
        except Exception as error:
            # Broad, because a retained message comes with every connection (as in delivery).
            if self._refused(f"{device}: {type(error).__name__}"):
                log.exception("a message of %s broke its reader", device)

    def _refused(self, words: str) -> bool:
        """Note it; return whether it may be logged."""
        self._counts["refused"] += 1
        self._last_error = words
        now_s = time.monotonic()
        is_seldom = now_s >= self._silent_until_s
        if is_seldom:
            self._silent_until_s = now_s + _WORDS_EVERY_S
        return is_seldom

    def _note(self, error: str) -> None:
        if error != self._last_error:
            log.warning("the shop's other devices: %s", error)
        self._last_error = error
