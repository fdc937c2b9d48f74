"""What a worker has taken and not acknowledged, and when it is to be kept.

A batch is due when it is full, or when its first message has waited a little for others; after a
failure not before a pause is over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.sync.mqtt import Received


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works."""

    most_messages: int = 250
    """In one batch."""
    linger_s: float = 0.02
    """How long the first message of a batch waits for others."""
    patience_s: float = 30.0
    """How long the sink may be away before the worker leaves the broker."""
    longest_pause_s: float = 30.0


class Taken:
    """Messages in the order in which they came."""

    def __init__(self, pace: Pace, monotonic: Callable[[], float]) -> None:
        self._pace = pace
        self._monotonic = monotonic
        self._messages: list[Received] = []
        self._since = 0.0
        self._not_before = 0.0

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, received: Received) -> None:
        """Take a message."""
        if not self._messages:
            self._since = self._monotonic()
        self._messages.append(received)

    def due_in_s(self) -> float | None:
        """Return in how many seconds a batch is due; 0: now; None: there is nothing."""
        if not self._messages:
            return None
        is_full = len(self._messages) >= self._pace.most_messages
        due = (
            self._not_before
            if is_full
            else max(self._since + self._pace.linger_s, self._not_before)
        )
        return max(due - self._monotonic(), 0.0)

    def batch(self) -> Sequence[Received]:
        """Return what is to be kept next."""
        return self._messages[: self._pace.most_messages]

    def done(self, count: int) -> None:
        """Let go of the first ``count``: they are kept, and acknowledged."""
        del self._messages[:count]
        self._since, self._not_before = self._monotonic(), 0.0

    def hold(self, pause_s: float) -> None:
        """Let nothing be due for a while."""
        self._not_before = self._monotonic() + pause_s

    def drop(self) -> None:
        """Let go of all: the broker gives it again, under other numbers."""
        self._messages.clear()
        self._not_before = 0.0
