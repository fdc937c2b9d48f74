"""What is written for good, said to the devices that sent it: many events in one message.

A device forgets an event only after this word (ADR 0024), so it is said after the commit and never
before. It is worth little by itself: one that is lost costs a repeat. So it waits a moment for
others, few are said at a time, and what nobody took in time is thrown away.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from edge.central.bridge.sink import Arrived
from edge.wire.acked import MAX_RUNS, Acked, Sign, runs_of, sign_acked
from edge.wire.topics import CentralTopics

LINGER_S: Final = 1.5
"""How long the first event of a message waits for others."""
FULL: Final = 500
"""Events of one device that do not wait: it may be draining days."""
PAUSE_S: Final = 0.1
MOST_AT_ONCE: Final = 20
"""Messages in a pause: 200 a second cost a worker a few hundredths of its time."""
EXPIRY_S: Final = 600
"""By then the device has sent the events again."""
MOST_NOTED: Final = 500_000
"""Events of all devices together; what comes beyond is not said, and so comes again."""


class Place(NamedTuple):
    """Where an event stood that is kept among the dead letters."""

    device: str
    epoch: str
    lane: str
    seq: int


class Word(NamedTuple):
    """One message to one device."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class _Noted:
    since_s: float
    lanes: dict[str, set[int]] = field(default_factory=dict)
    count: int = 0


class Acks:
    """Collects what is written, device by device; used by one thread."""

    def __init__(
        self,
        topics: CentralTopics,
        sign: Sign,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing to say.

        Args:
            topics: Of the tenant.
            sign: Central's, with the key that devices know as ``mqtt.acked_key``.
            monotonic: Seconds that never jump.
        """
        self._topics = topics
        self._sign = sign
        self._monotonic = monotonic
        self._noted: dict[tuple[str, str], _Noted] = {}
        self._full: dict[tuple[str, str], None] = {}
        self._count = 0
        self._not_before_s = 0.0

    def written(self, events: Iterable[Arrived | Place]) -> None:
        """Note events after their commit; repeats too, for their device still has them."""
        now = self._monotonic()
        for one in events:
            if self._count >= MOST_NOTED:
                return
            key = (one.device, one.epoch)
            noted = self._noted.get(key)
            if noted is None:
                noted = self._noted[key] = _Noted(now)
            numbers = noted.lanes.setdefault(one.lane, set())
            if one.seq not in numbers:
                numbers.add(one.seq)
                noted.count += 1
                self._count += 1
                if noted.count == FULL:
                    self._full[key] = None

    def due_in_s(self) -> float | None:
        """Return in how many seconds there is something to say; 0: now; None: nothing."""
        if not self._noted:
            return None
        oldest = next(iter(self._noted.values()))
        due = 0.0 if self._full else oldest.since_s + LINGER_S
        return max(max(due, self._not_before_s) - self._monotonic(), 0.0)

    def take(self, room: int) -> list[Word]:
        """Return what to say now, at most ``room`` messages."""
        self._not_before_s = self._monotonic() + PAUSE_S
        words: list[Word] = []
        while len(words) < min(room, MOST_AT_ONCE) and (key := self._next()) is not None:
            words.append(self._word(key))
        return words

    def _next(self) -> tuple[str, str] | None:
        if self._full:
            return next(iter(self._full))
        key = next(iter(self._noted), None)  # the oldest: a dict keeps its order
        if key is None or self._noted[key].since_s + LINGER_S > self._monotonic():
            return None
        return key

    def _word(self, key: tuple[str, str]) -> Word:
        device, epoch = key
        noted = self._noted.pop(key)
        self._full.pop(key, None)
        self._count -= noted.count
        runs = {lane: runs_of(sorted(numbers)) for lane, numbers in noted.lanes.items()}
        said = {lane: tuple(found[:MAX_RUNS]) for lane, found in runs.items()}
        rest = [
            Place(device, epoch, lane, seq)
            for lane, found in runs.items()
            for first, last in found[MAX_RUNS:]
            for seq in range(first, last + 1)
        ]
        if rest:
            self.written(rest)
            self._full[key] = None
        acked = Acked(tenant=self._topics.tenant, device=device, epoch=epoch, lanes=said)
        return Word(self._topics.to(device, "acked"), sign_acked(acked, self._sign))
