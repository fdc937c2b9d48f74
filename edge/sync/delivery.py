"""Delivery as a service: one thread that keeps a connection, drains the outbox and takes context.

Nothing waits for it and nothing fails with it. Without a broker in the settings it is "off"; with
one that is away it tries again with growing pauses, for days if need be.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from edge.core.errors import BrokerUnavailableError, UnavailableError
from edge.sync.backoff import BackOff
from edge.sync.delivery_parts import (
    Confirming,
    DeliveryParts,
    DeliverySettings,
    DeliveryStatus,
    State,
)
from edge.sync.greetings import Greetings
from edge.sync.listeners import Listener, Listeners, of_payload
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection
from edge.sync.posts import Posts
from edge.sync.reconnect import Reconnect
from edge.sync.sender import WINDOW, Sender
from edge.sync.unconfirmed import Unconfirmed
from edge.wire.acked import read_acked
from edge.wire.batch import MAX_BATCH_BYTES, Message
from edge.wire.compressed import squeeze
from edge.wire.context_message import ContextMessage, parse_context

__all__ = ["Confirming", "Delivery", "DeliveryParts", "DeliverySettings", "DeliveryStatus"]

log = logging.getLogger(__name__)

_ENVELOPE_ROOM: Final = 1024
"""Topic and properties of a PUBLISH, generously."""
_IDLE_S: Final = 1.0


class Delivery:
    """Starts and stops the thread.

    Args:
        parts: What it works with.
        settings: The broker; None: there is none.
        on_context: Takes context that central retains, in the delivery thread. It may raise an
            EdgeError, which is logged.
        others: More topics to listen to, each with what takes its messages, on the same terms.
    """

    def __init__(
        self,
        parts: DeliveryParts,
        settings: DeliverySettings | None,
        on_context: Callable[[ContextMessage], None],
        others: Mapping[str, Listener] | None = None,
    ) -> None:
        self._parts = parts
        self._settings = settings or DeliverySettings("")
        context = of_payload(lambda payload: on_context(parse_context(payload)))
        contexts = dict.fromkeys(parts.topics.contexts, context)
        self._listeners = Listeners({**contexts, **(others or {})}, self._note)
        self._posts = Posts(self._wake_for_a_post)
        self._status = DeliveryStatus("off", parts.clock())
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._has_news = True
        self._looked_at = 0.0
        self._greetings = Greetings(parts)
        self._connected_s: float | None = None
        self._window = WINDOW
        if settings is not None:
            if settings.confirming is not None:
                self._listeners.add(parts.topics.acked, of_payload(self._confirmed))
            self._sender = self._new_sender(settings)
            self._link = self._new_link(settings)
            self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
            self._become("waiting")

    def start(self) -> None:
        """Start the thread; does nothing without a broker in the settings."""
        if self._thread is not None:
            self._parts.store.writer.after_commit = self._wake
            self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say goodbye to the broker and end the thread; what waits is sent after the next start."""
        self._stopping.set()
        if self._thread is None:
            return
        if self._thread.ident is None:  # made, never started
            self._link.close()
            return
        self._link.wake()
        self._thread.join(timeout_s)
        self._parts.store.writer.after_commit = None
        if not self._thread.is_alive():
            self._link.close()

    def listen(self, topic: str, listener: Listener) -> None:
        """Give messages of one more topic to ``listener``; to be called before the start."""
        self._listeners.add(topic, listener)

    def retain(self, topic: str, payload: bytes) -> None:
        """Have the broker keep ``payload`` as the latest word on ``topic``; from any thread.

        It is said again at each connection of this run, until there is a newer one.
        """
        self._posts.retain(topic, payload)

    def answer(self, topic: str, payload: bytes, correlation: bytes = b"") -> None:
        """Publish an answer once, as soon as there is a connection; from any thread."""
        self._posts.answer(topic, payload, correlation)

    def end_pauses(self) -> None:
        """Send what waits without waiting a refusal out; in the delivery thread only."""
        self._sender.end_pauses()

    def status(self) -> DeliveryStatus:
        """Return how delivery is; from any thread."""
        if self._thread is None:
            return self._status
        sender = self._sender
        return replace(
            self._status,
            in_flight=sender.in_flight,
            sent=sender.sent,
            unconfirmed=len(sender.unconfirmed or ()),
            is_unconfirmed=sender.is_unconfirmed,
            is_unheard=sender.is_unheard,
        )

    # ---- in the thread -----------------------------------------------------------------

    def _run(self) -> None:
        back_off = self._new_back_off(self._settings)
        reconnect = Reconnect(self._parts.chance, back_off, self._settings.reconnect_spread_s)
        if wrong := self._greetings.count_start():
            self._note(wrong)
        while not self._stopping.is_set():
            self._connected_s = None
            try:
                self._stay_connected()
            except UnavailableError as error:
                if str(error) != self._status.last_error:  # once, not for every try of three days
                    log.warning("delivery waits: %s", error)
                self._note(str(error))
            except Exception as error:
                # Broad, because this is a supervisor: delivery goes on whatever one message did.
                log.exception("delivery failed")
                self._note(f"{type(error).__name__}: {error}")
            self._note_refusal()
            if not self._stopping.is_set():
                self._become("waiting")
                self._stopping.wait(reconnect.pause_s(self._connected_for_s()))
        self._say_goodbye()
        self._become("stopped")

    def _stay_connected(self) -> None:
        """Connect, and serve the connection until it is lost.

        Raises:
            UnavailableError: It could not be made.
        """
        self._become("connecting")
        self._link.connect(self._parts.topics.status, self._greetings.will())
        patience_s = self._settings.answer_within_s
        give_up_at = time.monotonic() + patience_s
        while not self._stopping.is_set() and self._link.step(self._patience_s()):
            if self._link.is_connected:
                self._look()
            elif time.monotonic() > give_up_at:
                msg = f"wanted an answer from the broker, got silence for {patience_s:.0f} s"
                raise BrokerUnavailableError(msg)

    def _look(self) -> None:
        """Send what waits, if it is time to look."""
        now = time.monotonic()
        if not self._sender.has_more and now - self._looked_at < self._pause_s():
            return
        self._has_news = False
        self._looked_at = now
        self._say_posts()
        # What is on its way and no event's takes its places from the same window.
        others = self._link.in_flight - self._sender.in_flight
        self._sender.window = max(self._window - others, 1)
        try:
            self._sender.pump(self._publish)
        except UnavailableError as error:
            self._note(str(error))

    def _patience_s(self) -> float:
        if not self._link.is_connected:
            return min(_IDLE_S, self._settings.answer_within_s)
        if self._sender.has_more:
            return 0.0
        return max(self._looked_at + self._pause_s() - time.monotonic(), 0.0)

    def _pause_s(self) -> float:
        return self._settings.pace_s if self._has_news else _IDLE_S

    def _say_posts(self) -> None:
        while self._link.in_flight < self._window and (post := self._posts.take()) is not None:
            self._link.publish(
                post.topic, post.payload, retain=post.is_retained, correlation=post.correlation
            )

    def _publish(self, lane: str, message: Message, expiry_s: int | None) -> int:
        payload, encoding = squeeze(message.payload)
        return self._link.publish(
            self._parts.topics.events(lane),
            payload,
            content_type=message.content_type,
            encoding=encoding,
            expiry_s=expiry_s,
        )

    def _connected(self, limits: Limits) -> None:
        self._connected_s = time.monotonic()
        self._window = min(limits.window, WINDOW)
        self._sender.largest_bytes = limits.max_bytes - _ENVELOPE_ROOM
        self._sender.max_bytes = min(self._sender.largest_bytes, MAX_BATCH_BYTES)
        self._looked_at = 0.0
        self._sender.reconnected()
        self._link.subscribe(self._listeners.topics)
        topics = self._parts.topics
        self._link.publish(topics.status, self._greetings.birth(), retain=True)
        self._posts.say_all_again()
        self._become("connected")
        log.info("connected to the broker as %s", topics.device)

    def _confirmed(self, payload: bytes) -> None:
        confirming, topics = self._settings.confirming, self._parts.topics
        assert confirming is not None
        acked = read_acked(
            payload,
            central_key=confirming.central_key,
            tenant=topics.tenant,
            device=topics.device,
        )
        self._sender.confirmed(acked.epoch, acked.lanes)

    def _say_goodbye(self) -> None:
        if self._link.is_connected:
            goodbye = self._greetings.goodbye()
            self._link.publish(self._parts.topics.status, goodbye, retain=True)
            self._link.disconnect()

    # ---- details -----------------------------------------------------------------------

    def _wake(self) -> None:
        # From the writer's thread, after every commit: one wake until the next look is enough.
        if not self._has_news:
            self._has_news = True
            self._link.wake()

    def _wake_for_a_post(self) -> None:
        self._looked_at = 0.0
        if self._thread is not None:
            self._link.wake()

    def _connected_for_s(self) -> float | None:
        began = self._connected_s
        return None if began is None else time.monotonic() - began

    def _note(self, error: str) -> None:
        self._status = replace(self._status, last_error=error)

    def _note_refusal(self) -> None:
        found = self._link.refusal
        at = self._parts.clock() if found else None
        self._status = replace(self._status, refusal=found, refused_at=at)

    def _become(self, state: State) -> None:
        if state != self._status.state:
            self._status = replace(self._status, state=state, since=self._parts.clock())

    def _new_link(self, settings: DeliverySettings) -> MqttConnection:
        device = self._parts.topics.device
        address = BrokerAddress(settings.host, settings.port, device, settings.tls)
        handlers = Handlers(
            connected=self._connected,
            lost=self._note,
            acknowledged=self._sender.acknowledged,
            received=self._listeners.hear,
            refused=self._note,
        )
        return MqttConnection(address, handlers, self._parts.chance)

    def _new_sender(self, settings: DeliverySettings) -> Sender:
        sender = Sender(
            self._parts.store,
            clock=self._parts.clock,
            back_off=self._new_back_off(settings),
            on_settled=self._wake,
        )
        confirming = settings.confirming
        if confirming is not None:
            sender.unconfirmed = Unconfirmed(self._parts.chance, confirming.within_s)
        return sender

    def _new_back_off(self, settings: DeliverySettings) -> BackOff:
        return BackOff(
            self._parts.chance, min_s=settings.back_off_min_s, max_s=settings.back_off_max_s
        )
