"""What a sender is given and what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.store.outbox import Waiting
from edge.wire.batch import Message


class Publish(Protocol):
    """Hands a message to the connection and returns the number it is acknowledged by."""

    def __call__(self, lane: str, message: Message, expiry_s: int | None) -> int:
        """Publish ``message`` in ``lane``; the broker drops it after ``expiry_s``."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Figures since the start."""

    messages: int = 0
    acknowledged: int = 0
    """Events that left the outbox because they arrived."""
    refused: int = 0  # messages
    dead: int = 0  # events set aside
    unheard: int = 0  # messages the broker took although nobody subscribes to them
    repeated: int = 0
    """Events sent again because central did not confirm them in time."""
    unsent: int = 0
    """Numbers that central confirmed and that were never sent: of an earlier run, or strange."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A message, and the rows in it."""

    lane: str
    rows: Sequence[Waiting]

    @property
    def places(self) -> list[int]:
        """Return where its rows stand in the outbox."""
        return [row.place for row in self.rows]

    @property
    def ids(self) -> list[str]:
        """Return its events' ids."""
        return [row.event_id for row in self.rows]
