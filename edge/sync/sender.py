"""Drain the outbox: what to publish next, and what an acknowledgement means.

Knows no socket and starts no thread: whoever owns the connection calls ``pump`` when there may be
room, and ``acknowledged`` for every PUBACK, from one thread. So an acknowledgement cannot arrive
between publishing a message and noting it.

A row leaves the outbox only after the broker has it, by id. A refusal never loses one: no quota
or no permission waits and sends again; a message whose format is refused is sent again event by
event, and the one that is refused alone is set aside as a dead letter.
"""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.store.outbox import Waiting
from edge.store.place import LANES
from edge.store.store import Store
from edge.sync.backoff import BackOff
from edge.sync.lane_queue import LaneQueue
from edge.sync.lane_shares import LaneShares
from edge.wire.batch import MAX_BATCH_BYTES, Message, fitting, pack
from edge.wire.cloudevents import stamp
from edge.wire.lanes import Lane

log = logging.getLogger(__name__)

WINDOW: Final = 20
"""Messages on their way at most."""

LARGEST_BYTES: Final = 256 * 1024
"""Of one message, where the broker says nothing else."""

NO_SUBSCRIBER: Final = 0x10
REFUSED: Final = 0x80  # and above
NOT_AUTHORISED: Final = 0x87
QUOTA: Final = 0x97
PAYLOAD_FORMAT: Final = 0x99

UNHEARD_RETRY_S: Final = 30.0
"""Pause of a lane that nobody at the broker listens to. The broker would drop what it takes, so it
stays in the outbox until central's bridge is there (ADR 0018)."""

_STAMP_ROOM: Final = 96
_LEAST_EXPIRY_S: Final = 60


class Publish(Protocol):
    """Hands a message to the connection and returns the number it is acknowledged by."""

    def __call__(self, lane: str, message: Message, expiry_s: int | None) -> int:
        """Publish ``message`` in ``lane``; the broker drops it after ``expiry_s``."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Figures since the start."""

    messages: int = 0
    acknowledged: int = 0  # events
    refused: int = 0  # messages
    dead: int = 0  # events set aside
    unheard: int = 0  # messages the broker took although nobody subscribes to them


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    lane: str
    rows: tuple[Waiting, ...]

    @property
    def places(self) -> list[int]:
        return [row.place for row in self.rows]

    @property
    def ids(self) -> list[str]:
        return [row.event_id for row in self.rows]


class Sender:
    """Sends what waits in ``store``; not safe for several threads, and need not be."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        back_off: BackOff,
        monotonic: Callable[[], float] = time.monotonic,
        on_settled: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a sender.

        Args:
            store: Where events wait.
            clock: For ``sentAt`` and what is left of an event's life.
            back_off: How long a refusal is waited out.
            monotonic: Seconds that never jump.
            on_settled: Called in the writer's thread when the outbox has noted an answer.
        """
        self._store = store
        self._clock = clock
        self._back_off = back_off
        self._monotonic = monotonic
        self._on_settled = on_settled
        self._epoch: str | None = None
        self._queues = {
            lane: LaneQueue(
                lane, lambda n, limit, after: store.reads.waiting(n, limit, after=after)
            )
            for lane in LANES
        }
        self._shares = LaneShares(LANES)
        self._on_their_way: dict[int, _OnItsWay] = {}
        self._settled: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._paused_until = 0.0
        self._unheard_until: dict[str, float] = {}
        self._was_cut_short = False
        self.window = WINDOW
        self.max_bytes = MAX_BATCH_BYTES
        self.largest_bytes = LARGEST_BYTES
        self.sent = Sent()

    @property
    def in_flight(self) -> int:
        """Messages on their way."""
        return len(self._on_their_way)

    @property
    def is_unheard(self) -> bool:
        """Say whether a lane waits because nobody at the broker listens to it, or takes so much."""
        return any(until > self._monotonic() for until in self._unheard_until.values())

    @property
    def has_more(self) -> bool:
        """Say whether ``pump`` would find something to send and the room to send it."""
        return self._was_cut_short and self._may_send()

    def pump(self, publish: Publish) -> None:
        """Publish while the window has room.

        Raises:
            StorageUnavailableError: The outbox cannot be read now.
        """
        self._settle()
        if self._epoch is None:
            self._epoch = self._store.reads.epoch()
        self._was_cut_short = True
        while self._may_send():
            ready = [lane for lane in self._queues if self._has_next(lane)]
            lane = self._shares.next(ready)
            if lane is None:
                self._was_cut_short = False
                return
            self._send(self._queues[lane], self._epoch, publish)

    def acknowledged(self, number: int, reason: int) -> None:
        """Note the broker's answer to message ``number``; others' numbers are ignored."""
        message = self._on_their_way.pop(number, None)
        if message is None:
            return
        if reason < REFUSED:
            self._back_off.reset()
            if reason == NO_SUBSCRIBER:
                self._wait_for_a_listener(message)
            else:
                self._forget(message)
            return
        self.sent = replace(self.sent, refused=self.sent.refused + 1)
        log.warning(
            "broker refused %d events of lane %s: 0x%02x", len(message.rows), message.lane, reason
        )
        if reason != PAYLOAD_FORMAT:
            self._paused_until = self._monotonic() + self._back_off.next_s()
            self._queues[message.lane].send_again(message.places)
        elif len(message.rows) == 1:
            self._bury(message, f"broker refused the payload (0x{reason:02x})")
        else:
            self._single_out(message)

    def end_pauses(self) -> None:
        """Send again at once what was refused or not listened to."""
        self._paused_until = 0.0
        self._unheard_until.clear()
        self._was_cut_short = True

    # ---- inside ------------------------------------------------------------------------

    def _has_next(self, lane: str) -> bool:
        if self._unheard_until.get(lane, 0.0) > self._monotonic():
            return False
        return self._queues[lane].has_next()

    def _wait_for_a_listener(self, message: _OnItsWay) -> None:
        self.sent = replace(self.sent, unheard=self.sent.unheard + 1)
        self._unheard_until[message.lane] = self._monotonic() + UNHEARD_RETRY_S
        self._queues[message.lane].send_again(message.places)

    def _may_send(self) -> bool:
        return self.in_flight < self.window and self._monotonic() >= self._paused_until

    def _send(self, lane_queue: LaneQueue, epoch: str, publish: Publish) -> None:
        rows = lane_queue.take(self._count(lane_queue.peek()))
        broken = [row for row in rows if not row.is_whole]
        if broken:
            self._bury(_OnItsWay(lane_queue.lane, tuple(broken)), "damaged on disk")
            rows = [row for row in rows if row.is_whole]
        if not rows or self._is_too_large(lane_queue.lane, rows):
            return
        now = self._clock()
        message = pack([stamp(row.body, epoch=epoch, seq=row.seq, sent_at=now) for row in rows])
        number = publish(lane_queue.lane, message, self._expiry_s(lane_queue.lane, rows))
        self._on_their_way[number] = _OnItsWay(lane_queue.lane, tuple(rows))
        self.sent = replace(self.sent, messages=self.sent.messages + 1)

    def _is_too_large(self, lane: str, rows: Sequence[Waiting]) -> bool:
        """Say whether a lone event is more than the broker takes; it would hang up, for ever."""
        size = len(rows[0].body) + _STAMP_ROOM
        if len(rows) > 1 or size <= self.largest_bytes:
            return False
        message = _OnItsWay(lane, tuple(rows))
        if lane in {Lane.CONSENT, Lane.TRANSACTION}:
            log.error("lane %s waits: the broker takes %d bytes", lane, self.largest_bytes)
            self._unheard_until[lane] = self._monotonic() + UNHEARD_RETRY_S
            self._queues[lane].send_again(message.places)
        else:
            self._bury(message, f"{size} bytes, and the broker takes {self.largest_bytes}")
        return True

    def _count(self, rows: Sequence[Waiting]) -> int:
        # One that was refused before goes alone, so that it cannot take others along again.
        if rows[0].attempts:
            return 1
        fresh = next((n for n, row in enumerate(rows) if row.attempts), len(rows))
        sizes = (len(row.body) + _STAMP_ROOM for row in rows)
        return min(fresh, fitting(sizes, self.max_bytes))

    def _expiry_s(self, lane: str, rows: Sequence[Waiting]) -> int | None:
        if lane in {Lane.CONSENT, Lane.TRANSACTION}:
            return None
        left = max(row.expires_at for row in rows) - self._clock()
        return max(int(left.total_seconds()), _LEAST_EXPIRY_S)

    def _forget(self, message: _OnItsWay) -> None:
        def done() -> None:
            self._queues[message.lane].release(message.places)
            count = self.sent.acknowledged + len(message.rows)
            self.sent = replace(self.sent, acknowledged=count)

        self._note(partial(self._store.receipts.acknowledge, message.ids), done)

    def _single_out(self, message: _OnItsWay) -> None:
        note = partial(self._store.receipts.refuse, message.ids)
        self._note(note, lambda: self._queues[message.lane].send_again(message.places))

    def _bury(self, message: _OnItsWay, why: str) -> None:
        def done() -> None:
            self._queues[message.lane].release(message.places)
            self.sent = replace(self.sent, dead=self.sent.dead + len(message.rows))

        log.error("lane %s: %d events set aside: %s", message.lane, len(message.rows), why)
        self._note(partial(self._store.receipts.bury, message.ids, why), done)

    def _note(self, note: Callable[..., Future[None]], done: Callable[[], None]) -> None:
        """Have the store note an answer; afterwards, back in our thread, run ``done``."""

        def again() -> None:
            # The disk was full. Alone, because only that may use the reserve.
            self._paused_until = self._monotonic() + self._back_off.next_s()
            note(alone=True).add_done_callback(settle)

        def settle(future: Future[None]) -> None:
            if isinstance(future.exception(), StorageUnavailableError):
                self._settled.put(again)
                return  # without on_settled: that would try a full disk without a pause
            self._settled.put(done)
            self._on_settled()

        note().add_done_callback(settle)

    def _settle(self) -> None:
        while True:
            try:
                step = self._settled.get_nowait()
            except queue.Empty:
                return
            step()
