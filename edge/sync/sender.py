"""Drain the outbox: what to publish next, and what an acknowledgement means.

Knows no socket and starts no thread: whoever owns the connection calls ``pump`` when there may be
room, and ``acknowledged`` for every PUBACK, from one thread. So an acknowledgement cannot arrive
between publishing a message and noting it.

A row leaves the outbox, by id, only after central has confirmed it; where ``unconfirmed`` is None,
after the broker has it. A refusal never loses one: no quota or no permission waits and sends again;
a message whose format is refused is sent again event by event, and the one that is refused alone is
set aside as a dead letter.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from edge.core.clock import Clock
from edge.store.outbox import Waiting
from edge.store.place import LANES
from edge.store.store import Store
from edge.sync.backoff import BackOff
from edge.sync.lane_queue import LaneQueue
from edge.sync.lane_shares import LaneShares
from edge.sync.noting import Noting
from edge.sync.sending import OnItsWay, Publish, Sent
from edge.sync.unconfirmed import Runs, Unconfirmed
from edge.sync.unheard import Unheard
from edge.wire.batch import MAX_BATCH_BYTES, fitting, pack
from edge.wire.cloudevents import stamp
from edge.wire.lanes import Lane

__all__ = ["Sender", "Sent"]

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

_MOST_FORGOTTEN: Final = 250
"""In one commit, so that a shopper's does not wait for thousands."""
_STAMP_ROOM: Final = 96
_LEAST_EXPIRY_S: Final = 60


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
        self._noting = Noting(on_settled, self._pause)
        self._epoch: str | None = None
        self._queues = {
            lane: LaneQueue(
                lane, lambda n, limit, after: store.reads.waiting(n, limit, after=after)
            )
            for lane in LANES
        }
        self._shares = LaneShares(LANES)
        self._on_their_way: dict[int, OnItsWay] = {}
        self._paused_until = 0.0
        self._unheard = Unheard(monotonic)
        self._was_cut_short = False
        self.window = WINDOW
        self.max_bytes = MAX_BATCH_BYTES
        self.largest_bytes = LARGEST_BYTES
        self.unconfirmed: Unconfirmed | None = None
        """What waits for central's word; None: the broker's is enough."""
        self.sent = Sent()

    @property
    def in_flight(self) -> int:
        """Messages on their way."""
        return len(self._on_their_way)

    @property
    def is_unheard(self) -> bool:
        """Say whether a lane waits because nobody at the broker listens to it, or takes so much."""
        return self._unheard.any_waits

    @property
    def is_unconfirmed(self) -> bool:
        """Say whether a lane waits because central has not confirmed all that it may have."""
        window = self.unconfirmed
        return window is not None and any(window.is_full(lane) for lane in LANES)

    @property
    def has_more(self) -> bool:
        """Say whether ``pump`` would find something to send and the room to send it."""
        return self._was_cut_short and self._may_send()

    def pump(self, publish: Publish) -> None:
        """Publish while the window has room.

        Raises:
            StorageUnavailableError: The outbox cannot be read now.
        """
        self._noting.settle()
        if self._epoch is None:
            self._epoch = self._store.reads.epoch()
        self._send_overdue()
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
                self._unheard.heard(message.lane)
                self._taken(message)
            return
        self.sent = replace(self.sent, refused=self.sent.refused + 1)
        log.warning(
            "broker refused %d events of lane %s: 0x%02x", len(message.rows), message.lane, reason
        )
        if reason != PAYLOAD_FORMAT:
            self._pause()
            self._send_again(message)
        elif len(message.rows) == 1:
            self._bury(message, f"broker refused the payload (0x{reason:02x})")
        else:
            self._single_out(message)

    def confirmed(self, epoch: str, lanes: Mapping[str, Runs]) -> None:
        """Let the outbox forget what central has written; of other files it knows nothing."""
        if self.unconfirmed is None or epoch != self._epoch:
            return
        found, strange = self.unconfirmed.confirmed(lanes)
        for one in found:
            self._queues[one.lane].hold(one.places)
            for start in range(0, len(one.ids), _MOST_FORGOTTEN):
                end = start + _MOST_FORGOTTEN
                self._forget(one.lane, one.places[start:end], one.ids[start:end])
        if strange:
            if not self.sent.unsent:
                log.info("central confirms events that this run has not sent; they are sent again")
            self.sent = replace(self.sent, unsent=self.sent.unsent + strange)

    def reconnected(self) -> None:
        """Send soon again what the broker had: it may have lost it."""
        if self.unconfirmed is not None:
            self.unconfirmed.hurry()

    def end_pauses(self) -> None:
        """Send again at once what was refused, not listened to or not confirmed."""
        self._paused_until = 0.0
        self._unheard.end_pauses()
        self.reconnected()
        self._was_cut_short = True

    # ---- inside ------------------------------------------------------------------------

    def _has_next(self, lane: str) -> bool:
        if self._unheard.waits(lane):
            return False
        if self.unconfirmed is not None and self.unconfirmed.is_full(lane):
            return False
        return self._queues[lane].has_next()

    def _wait_for_a_listener(self, message: OnItsWay) -> None:
        self.sent = replace(self.sent, unheard=self.sent.unheard + 1)
        self._unheard.nobody_listened(message.lane)
        self._send_again(message)

    def _send_again(self, message: OnItsWay) -> None:
        if self.unconfirmed is not None:
            self.unconfirmed.again(message.lane, message.rows)
        self._queues[message.lane].send_again(message.places)

    def _send_overdue(self) -> None:
        for lane, places in self.unconfirmed.overdue() if self.unconfirmed else ():
            log.info(
                "lane %s: %d events are sent again, not confirmed by central", lane, len(places)
            )
            self._queues[lane].send_again(places)
            self.sent = replace(self.sent, repeated=self.sent.repeated + len(places))

    def _may_send(self) -> bool:
        return self.in_flight < self.window and self._monotonic() >= self._paused_until

    def _send(self, lane_queue: LaneQueue, epoch: str, publish: Publish) -> None:
        rows = lane_queue.take(self._count(lane_queue.peek()))
        broken = [row for row in rows if not row.is_whole]
        if broken:
            self._bury(OnItsWay(lane_queue.lane, tuple(broken)), "damaged on disk")
            rows = [row for row in rows if row.is_whole]
        if not rows or self._is_too_large(lane_queue.lane, rows):
            return
        now = self._clock()
        message = pack([stamp(row.body, epoch=epoch, seq=row.seq, sent_at=now) for row in rows])
        number = publish(lane_queue.lane, message, self._expiry_s(lane_queue.lane, rows))
        self._on_their_way[number] = OnItsWay(lane_queue.lane, tuple(rows))
        if self.unconfirmed is not None:
            self.unconfirmed.sent(lane_queue.lane, rows)
        self.sent = replace(self.sent, messages=self.sent.messages + 1)

    def _is_too_large(self, lane: str, rows: Sequence[Waiting]) -> bool:
        """Say whether a lone event is more than the broker takes; it would hang up, for ever."""
        size = len(rows[0].body) + _STAMP_ROOM
        if len(rows) > 1 or size <= self.largest_bytes:
            return False
        message = OnItsWay(lane, tuple(rows))
        if lane in {Lane.CONSENT, Lane.TRANSACTION}:
            log.error("lane %s waits: the broker takes %d bytes", lane, self.largest_bytes)
            self._unheard.cannot_be_sent(lane)
            self._send_again(message)
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

    def _taken(self, message: OnItsWay) -> None:
        if self.unconfirmed is None:
            self._forget(message.lane, message.places, message.ids)
        else:
            self.unconfirmed.taken(message.lane, message.rows)

    def _forget(self, lane: str, places: Sequence[int], ids: Sequence[str]) -> None:
        def done() -> None:
            self._queues[lane].release(places)
            self.sent = replace(self.sent, acknowledged=self.sent.acknowledged + len(ids))

        self._noting.note(partial(self._store.receipts.acknowledge, ids), done)

    def _single_out(self, message: OnItsWay) -> None:
        note = partial(self._store.receipts.refuse, message.ids)
        self._noting.note(note, lambda: self._send_again(message))

    def _bury(self, message: OnItsWay, why: str) -> None:
        def done() -> None:
            self._queues[message.lane].release(message.places)
            self.sent = replace(self.sent, dead=self.sent.dead + len(message.rows))

        if self.unconfirmed is not None:
            self.unconfirmed.drop(message.lane, message.rows)
        log.error("lane %s: %d events set aside: %s", message.lane, len(message.rows), why)
        self._noting.note(partial(self._store.receipts.bury, message.ids, why), done)

    def _pause(self) -> None:
        self._paused_until = self._monotonic() + self._back_off.next_s()
