"""Who takes what the broker brings, topic by topic.

A message that its reader does not take is logged and noted, and changes nothing else: a retained
one comes with every connection, and must not keep the outbox from draining for ever.
"""

import logging
from collections.abc import Callable, Mapping

from edge.core.errors import EdgeError
from edge.sync.mqtt import Received

log = logging.getLogger(__name__)

Listener = Callable[[Received], None]
"""Takes a message, in the delivery thread. It may raise an EdgeError, which is logged."""


def of_payload(take: Callable[[bytes], None]) -> Listener:
    """Return the listener that only wants the payload."""
    return lambda received: take(received.payload)


class Listeners:
    """Hands each message to whoever listens to its topic."""

    def __init__(self, by_topic: Mapping[str, Listener], on_error: Callable[[str], None]) -> None:
        self._by_topic = dict(by_topic)
        self._on_error = on_error

    def add(self, topic: str, listener: Listener) -> None:
        """Listen to one more topic; subscribed to at the next connection."""
        self._by_topic[topic] = listener

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to."""
        return tuple(self._by_topic)

    def hear(self, received: Received) -> None:
        """Give a message to its listener; never raises."""
        listener = self._by_topic.get(received.topic)
        if listener is None:
            return
        try:
            listener(received)
        except EdgeError as error:
            log.warning("a message on %s was not taken: %s", received.topic, error)
            self._on_error(str(error))
        except Exception as error:
            # Broad, because this is a supervisor: see above.
            log.exception("a message on %s broke its reader", received.topic)
            self._on_error(f"{type(error).__name__}: {error}")
