"""What was sent and central has not confirmed: how much, since when, and when it is sent again.

A broker's acknowledgement is no reason to forget (ADR 0024). It starts a pause; whatever central
has not confirmed by its end is sent again, after longer and longer pauses. The window is bounded,
so that a line that comes and goes repeats little. Rows are known here by their number in the lane,
never by what they say.

In memory only: after a restart all that is in the outbox is sent again, and central drops what it
has.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.core.chance import Chance
from edge.store.outbox import Waiting
from edge.store.place import LANES

MOST_ROWS: Final = 2_000
"""Of one lane; then it waits for central."""
MOST_BYTES: Final = 4 << 20
CONFIRM_WITHIN_S: Final = 60.0
LONGEST: Final = 60
"""The longest pause, in first pauses: an hour, if the first is a minute."""
_GRACE_S: Final = 5.0
"""After a new connection, what central said meanwhile may come first."""

Runs = Sequence[tuple[int, int]]


@dataclass(slots=True)
class _Row:
    place: int
    event_id: str
    size: int
    tries: int
    due_s: float | None = None  # None: on its way to the broker


class Unconfirmed:
    """Rows that are on their way, or that the broker has; not safe for several threads."""

    def __init__(
        self,
        chance: Chance,
        within_s: float = CONFIRM_WITHIN_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with none.

        Args:
            chance: For pauses that do not march in step with other devices'.
            within_s: How long central may take before a row is sent again.
            monotonic: Seconds that never jump.
        """
        self._chance = chance
        self._within_s = within_s
        self._monotonic = monotonic
        self._lanes = {lane: _Lane() for lane in LANES}

    def __len__(self) -> int:
        return sum(len(lane.rows) for lane in self._lanes.values())

    def is_full(self, lane: str) -> bool:
        """Say whether nothing more of ``lane`` is to be sent before central says something."""
        return self._lanes[lane].is_full()

    def sent(self, lane: str, rows: Iterable[Waiting]) -> None:
        """Note what goes to the broker."""
        self._lanes[lane].sent(rows)

    def taken(self, lane: str, rows: Iterable[Waiting]) -> None:
        """Note what the broker has; central is given time from now on."""
        for row in self._lanes[lane].known(rows):
            row.due_s = self._monotonic() + self._pause_s(row.tries)

    def again(self, lane: str, rows: Iterable[Waiting]) -> None:
        """Note what the broker did not take: it will be sent again."""
        self._lanes[lane].again([row.seq for row in rows])

    def drop(self, lane: str, rows: Iterable[Waiting]) -> None:
        """Forget what is set aside."""
        self._lanes[lane].take([row.seq for row in rows])

    def overdue(self) -> Iterator[tuple[str, list[int]]]:
        """Yield, of each lane, the places to send again."""
        now = self._monotonic()
        for name, lane in self._lanes.items():
            late = [seq for seq, row in lane.rows.items() if row.due_s and row.due_s <= now]
            if late:
                yield name, lane.again(late)

    def hurry(self) -> None:
        """There is a new connection: the broker may have lost what it had taken."""
        grace_s = min(_GRACE_S, self._within_s)
        soon = self._monotonic() + grace_s * (1 + self._share())
        for lane in self._lanes.values():
            for row in lane.rows.values():
                if row.due_s is not None:
                    row.due_s = min(row.due_s, soon)

    def confirmed(self, lanes: Mapping[str, Runs]) -> tuple[list["Confirmed"], int]:
        """Return what central has, of each lane, and how many numbers of it were never sent."""
        found, strange = [], 0
        for name, runs in lanes.items():
            lane = self._lanes[name]
            strange += sum(max(last - max(first - 1, lane.highest), 0) for first, last in runs)
            rows = lane.confirm(runs)
            if rows:
                found.append(
                    Confirmed(name, [row.place for row in rows], [row.event_id for row in rows])
                )
        return found, strange

    def _pause_s(self, tries: int) -> float:
        bound_s = self._within_s * min(2.0 ** (tries + 1), LONGEST)
        return self._within_s + self._share() * (bound_s - self._within_s)

    def _share(self) -> float:
        return int.from_bytes(self._chance(4), "big") / 2**32


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What central has of one lane."""

    lane: str
    places: list[int]
    ids: list[str]


class _Lane:
    """One lane; ``rows`` fill the window, ``_waiting`` are to be sent again and do not."""

    def __init__(self) -> None:
        self.rows: dict[int, _Row] = {}
        self.highest = 0
        self._bytes = 0
        self._waiting: dict[int, _Row] = {}

    def is_full(self) -> bool:
        return len(self.rows) >= MOST_ROWS or self._bytes >= MOST_BYTES

    def sent(self, rows: Iterable[Waiting]) -> None:
        for row in rows:
            before = self._waiting.pop(row.seq, None)
            tries = 0 if before is None else before.tries
            self.rows[row.seq] = _Row(row.place, row.event_id, len(row.body), tries)
            self._bytes += len(row.body)
            self.highest = max(self.highest, row.seq)

    def known(self, rows: Iterable[Waiting]) -> Iterator[_Row]:
        return (self.rows[row.seq] for row in rows if row.seq in self.rows)

    def again(self, numbers: Iterable[int]) -> list[int]:
        places = []
        for seq in numbers:
            row = self.take([seq])
            for one in row:
                one.tries, one.due_s = one.tries + 1, None
                self._waiting[seq] = one
                places.append(one.place)
        # An outbox that was full may have dropped some, and nobody sends those again.
        while len(self._waiting) > 2 * MOST_ROWS:
            del self._waiting[next(iter(self._waiting))]
        return places

    def take(self, numbers: Iterable[int]) -> list[_Row]:
        taken = []
        for seq in numbers:
            row = self.rows.pop(seq, None)
            if row is not None:
                self._bytes -= row.size
                taken.append(row)
        return taken

    def confirm(self, runs: Runs) -> list[_Row]:
        ordered = sorted(runs)
        firsts = [first for first, _ in ordered]

        def has(seq: int) -> bool:
            at = bisect_right(firsts, seq) - 1
            return at >= 0 and seq <= ordered[at][1]

        found = self.take([seq for seq in self.rows if has(seq)])
        late = [seq for seq in self._waiting if has(seq)]
        return found + [self._waiting.pop(seq) for seq in late]
