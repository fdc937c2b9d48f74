"""What goes to the broker and is no event: the latest word on a topic, and answers.

A latest word is retained by the broker and said again at each connection, because a broker may
have lost it; only the newest counts, so nothing queues up over days offline. An answer is said
once. Neither survives a restart: whoever says it knows it again.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_ANSWERS: Final = 64
"""Answers that wait for a connection; the oldest go first. Whoever asked asks again."""


@dataclass(frozen=True, slots=True)
class Post:
    """One publish with QoS 1."""

    topic: str
    payload: bytes
    is_retained: bool = False
    correlation: bytes = b""


class Posts:
    """What waits to be said; given from any thread, taken by the one of the connection."""

    def __init__(self, on_news: Callable[[], None] = lambda: None) -> None:
        self._on_news = on_news
        self._lock = threading.Lock()
        self._latest: dict[str, bytes] = {}
        self._unsaid: dict[str, None] = {}  # topics, oldest first
        self._answers: deque[Post] = deque(maxlen=MOST_ANSWERS)

    def retain(self, topic: str, payload: bytes) -> None:
        """Say ``payload`` on ``topic`` now and at each connection, until there is a newer one."""
        with self._lock:
            self._latest[topic] = payload
            self._unsaid[topic] = None
        self._on_news()

    def answer(self, topic: str, payload: bytes, correlation: bytes = b"") -> None:
        """Say ``payload`` on ``topic`` once."""
        with self._lock:
            self._answers.append(Post(topic, payload, correlation=correlation))
        self._on_news()

    def say_all_again(self) -> None:
        """There is a new connection: every latest word is to be said again."""
        with self._lock:
            self._unsaid = dict.fromkeys(self._latest)

    def take(self) -> Post | None:
        """Return what to say next, answers first; None when all is said."""
        with self._lock:
            if self._answers:
                return self._answers.popleft()
            topic = next(iter(self._unsaid), None)
            if topic is None:
                return None
            del self._unsaid[topic]
            return Post(topic, self._latest[topic], is_retained=True)
