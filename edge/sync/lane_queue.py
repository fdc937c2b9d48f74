"""One lane as the sender sees it: what to send next, and what is on its way.

Rows are read ahead in order. A row that is on its way, or that central has and that waits to be
forgotten, is ``held``, so reading again from the start never sends it twice at once.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from edge.store.outbox import Waiting

_READ_AHEAD: Final = 400
"""About three full messages; more would only be read again after a refusal."""

Read = Callable[[str, int, int], Sequence[Waiting]]
"""(lane, limit, after this place) -> the oldest waiting events."""


class LaneQueue:
    """Reads one lane of the outbox ahead."""

    def __init__(self, lane: str, read: Read) -> None:
        self.lane = lane
        self._read = read
        self._ahead: deque[Waiting] = deque()
        self._after = -1
        self._held: set[int] = set()

    def has_next(self) -> bool:
        """Say whether there is something to send, reading ahead if need be."""
        while not self._ahead:
            rows = self._read(self.lane, _READ_AHEAD, self._after)
            if not rows:
                return False
            self._after = rows[-1].place
            self._ahead.extend(row for row in rows if row.place not in self._held)
        return True

    def peek(self) -> Sequence[Waiting]:
        """Return what was read ahead, in order."""
        return self._ahead

    def take(self, count: int) -> list[Waiting]:
        """Take the next ``count`` events and hold them."""
        taken = [self._ahead.popleft() for _ in range(count)]
        self._held.update(row.place for row in taken)
        return taken

    def hold(self, places: Iterable[int]) -> None:
        """Keep from sending rows that central has, also those that are to be sent again."""
        self._held.update(places)
        self._ahead = deque(row for row in self._ahead if row.place not in self._held)

    def release(self, places: Iterable[int]) -> None:
        """Stop holding rows that are gone from the outbox."""
        self._held.difference_update(places)

    def send_again(self, places: Iterable[int]) -> None:
        """Stop holding rows that must be sent again, and read from the start."""
        self._held.difference_update(places)
        self._ahead.clear()
        self._after = -1
