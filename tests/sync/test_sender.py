"""What is published next, and what an acknowledgement means."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.core.clock import SettableClock
from edge.store.store import Store
from edge.sync.backoff import BackOff
from edge.sync.sender import (
    NOT_AUTHORISED,
    PAYLOAD_FORMAT,
    QUOTA,
    WINDOW,
    Sender,
)
from edge.sync.unconfirmed import MOST_ROWS, Unconfirmed
from edge.sync.unheard import UNHEARD_RETRY_S
from edge.wire.batch import MAX_BATCH_BYTES, Message
from tests.fakes.recorded import NOON, TestEvent, event, open_store

OK = 0
NO_SUBSCRIBER = 0x10


@dataclass(frozen=True, slots=True)
class Published:
    number: int
    lane: str
    message: Message
    expiry_s: int | None

    @property
    def events(self) -> list[dict[str, Any]]:
        parsed = orjson.loads(self.message.payload)
        return parsed if isinstance(parsed, list) else [parsed]

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.events]


class Line:
    """A connection that only notes what it is given, and a clock that only moves when told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now_s = 0.0
        self.published: list[Published] = []
        self.sender = Sender(
            store,
            clock=SettableClock(NOON),
            back_off=BackOff(lambda size: b"\xff" * size, min_s=10, max_s=10),
            monotonic=lambda: self.now_s,
        )

    def publish(self, lane: str, message: Message, expiry_s: int | None) -> int:
        number = len(self.published) + 1
        self.published.append(Published(number, lane, message, expiry_s))
        return number

    def pump(self) -> list[Published]:
        """Pump, and return what that published."""
        before = len(self.published)
        self.settle()
        self.sender.pump(self.publish)
        return self.published[before:]

    def answer(self, published: Published, reason: int = OK) -> None:
        self.sender.acknowledged(published.number, reason)
        self.settle()

    def settle(self) -> None:
        """Return when the writer has done what was asked of it."""
        self.store.writer.submit(lambda con: None).result(5)

    def record(self, *events: TestEvent) -> list[str]:
        self.store.add_events(events).result(5)
        return [one.event_id for one in events]

    def waiting(self) -> int:
        return self.store.health().waiting


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    store = open_store(tmp_path)
    yield Line(store)
    store.close()


def test_events_go_in_order_stamped_and_together(line: Line) -> None:
    ids = line.record(event(), event(), event())
    (published,) = line.pump()

    assert published.ids == ids
    assert [one["seq"] for one in published.events] == [1, 2, 3]
    assert {one["epoch"] for one in published.events} == {line.store.reads.epoch()}
    assert published.events[0]["data"]["sentAt"] == "2026-03-01T12:00:00.000Z"


def test_an_event_leaves_the_outbox_only_when_it_is_acknowledged(line: Line) -> None:
    line.record(event())
    (published,) = line.pump()
    assert line.waiting() == 1
    line.answer(published)

    assert line.waiting() == 0
    assert line.pump() == []
    assert (line.sender.sent.messages, line.sender.sent.acknowledged) == (1, 1)


def test_what_is_on_its_way_is_not_sent_again(line: Line) -> None:
    line.record(event())
    line.pump()
    assert line.pump() == []

    second = line.record(event())
    assert [one.ids for one in line.pump()] == [second]


def test_messages_stay_below_their_limit_and_the_window(line: Line) -> None:
    line.record(*(event(size=30_000) for _ in range(60)))
    published = line.pump()

    assert len(published) == WINDOW
    assert all(len(one.message.payload) <= MAX_BATCH_BYTES for one in published)
    assert all(len(one.events) == 2 for one in published)
    line.answer(published[3])
    assert line.sender.has_more
    assert len(line.pump()) == 1


def test_everything_is_sent_exactly_once_when_all_is_acknowledged(line: Line) -> None:
    ids = line.record(*(event("em"[n % 2], size=900) for n in range(3000)))
    sent: list[str] = []
    while batch := line.pump():
        for one in batch:
            sent += one.ids
            line.answer(one)

    assert sorted(sent) == sorted(ids)
    assert line.waiting() == 0
    assert not line.sender.has_more


def test_consents_go_before_orders_before_engagement_before_metrics(line: Line) -> None:
    line.record(event("m"), event("e"), event("t"), event("c"))

    assert [one.lane for one in line.pump()] == ["c", "t", "e", "m"]


def test_what_must_not_be_lost_never_expires_on_the_broker(line: Line) -> None:
    line.record(event("t"), event("e"))
    order, tap = line.pump()

    assert order.expiry_s is None
    assert tap.expiry_s == 30 * 24 * 3600


def test_what_nobody_at_the_broker_hears_is_kept_and_sent_again_later(line: Line) -> None:
    ids = line.record(event("t"))
    (published,) = line.pump()
    line.answer(published, NO_SUBSCRIBER)

    assert (line.waiting(), line.sender.sent.unheard, line.sender.is_unheard) == (1, 1, True)
    assert line.pump() == []

    line.now_s += UNHEARD_RETRY_S
    (again,) = line.pump()
    line.answer(again)
    assert (again.ids, line.waiting(), line.sender.is_unheard) == (ids, 0, False)


def test_a_lane_that_nobody_hears_does_not_stop_the_others(line: Line) -> None:
    line.record(event("m"))
    (unheard,) = line.pump()
    line.answer(unheard, NO_SUBSCRIBER)
    line.record(event("t"))

    assert [one.lane for one in line.pump()] == ["t"]


@pytest.mark.parametrize("reason", [QUOTA, NOT_AUTHORISED, 0x80, 0x83])
def test_a_refusal_that_may_pass_waits_and_sends_the_same_again(line: Line, reason: int) -> None:
    ids = line.record(event(), event())
    (published,) = line.pump()
    line.answer(published, reason)

    assert line.pump() == []
    assert not line.sender.has_more
    assert line.waiting() == 2
    line.now_s = 11
    (again,) = line.pump()
    assert again.ids == ids
    assert line.sender.sent.refused == 1


def test_a_poisoned_event_is_singled_out_and_set_aside_and_the_rest_arrive(line: Line) -> None:
    ids = line.record(*(event() for _ in range(5)))
    poison = ids[2]
    arrived: list[str] = []
    while batch := line.pump():
        for one in batch:
            if poison in one.ids:
                line.answer(one, PAYLOAD_FORMAT)
            else:
                arrived += one.ids
                line.answer(one)

    assert arrived == [one for one in ids if one != poison]
    assert line.waiting() == 0
    assert line.sender.sent.dead == 1
    dead = line.store.writer.submit(
        lambda con: con.execute("SELECT reason FROM dead_letter").fetchall()
    ).result(5)
    assert dead == [("broker refused the payload (0x99)",)]


def test_an_event_the_disk_changed_is_set_aside_and_never_sent(line: Line) -> None:
    good, bad = line.record(event(), event())
    line.store.writer.submit(
        lambda con: con.execute("UPDATE outbox SET crc = crc + 1 WHERE place % 2 = 0")
    ).result(5)
    published = line.pump()

    assert [one.ids for one in published] == [[good]]
    line.settle()
    assert [row.event_id for row in line.store.reads.waiting("e", 9)] == [good]
    assert bad not in published[0].ids


def test_an_answer_to_somebody_elses_message_is_ignored(line: Line) -> None:
    line.sender.acknowledged(4711, OK)

    assert line.sender.sent.acknowledged == 0


def test_a_repeated_answer_does_nothing(line: Line) -> None:
    line.record(event())
    (published,) = line.pump()
    line.answer(published)
    line.answer(published, QUOTA)
    line.pump()

    assert (line.sender.sent.acknowledged, line.sender.sent.refused) == (1, 0)


def test_an_answer_that_cannot_be_noted_now_is_noted_later_and_nothing_is_sent_twice(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path)
    line = Line(store)
    line.record(event())
    (published,) = line.pump()
    # A connection that may not write stands in for a disk that refuses once.
    store.writer.submit(lambda con: con.execute("PRAGMA query_only = ON")).result(5)
    line.sender.acknowledged(published.number, OK)
    store.writer.submit(lambda con: None).exception(5)

    assert store.health().waiting == 1
    assert line.pump() == []
    line.now_s = 11
    line.settle()
    assert line.pump() == []
    assert store.health().waiting == 0
    store.close()


@pytest.mark.parametrize("lane", "em")
def test_an_event_larger_than_the_broker_takes_is_set_aside_and_not_sent(
    line: Line, lane: str
) -> None:
    line.sender.largest_bytes = line.sender.max_bytes = 2000
    line.record(event(lane, size=3000), event(lane))
    sent = line.pump()
    line.settle()

    assert [len(one.events) for one in sent] == [1]
    assert line.waiting() == 1


@pytest.mark.parametrize("lane", "ct")
def test_a_consent_or_order_larger_than_the_broker_takes_waits_and_is_told(
    line: Line, lane: str
) -> None:
    line.sender.largest_bytes = line.sender.max_bytes = 2000
    (large,) = line.record(event(lane, size=3000))

    assert line.pump() == []
    assert (line.waiting(), line.sender.is_unheard) == (1, True)

    line.sender.largest_bytes = 4000
    line.now_s += UNHEARD_RETRY_S
    assert [one.ids for one in line.pump()] == [[large]]


def test_a_retry_that_was_asked_for_ends_every_pause(line: Line) -> None:
    ids = line.record(event("t"))
    (published,) = line.pump()
    line.answer(published, QUOTA)
    assert line.pump() == []
    line.sender.end_pauses()

    assert [one.ids for one in line.pump()] == [ids]


def test_a_lane_that_nobody_hears_is_tried_soon_and_then_ever_more_rarely(line: Line) -> None:
    line.record(event("t"))
    pauses = []
    for _ in range(7):
        (published,) = line.pump()
        line.answer(published, NO_SUBSCRIBER)
        began = line.now_s
        while line.sender.is_unheard:
            line.now_s += 1
        pauses.append(line.now_s - began)

    assert pauses == [1, 2, 4, 8, 16, UNHEARD_RETRY_S, UNHEARD_RETRY_S]


# ---- where central confirms ----------------------------------------------------------------


@pytest.fixture
def confirmed(line: Line) -> Line:
    """A line on which nothing is forgotten before central has it."""
    line.sender.unconfirmed = Unconfirmed(lambda n: b"\x00" * n, 60, lambda: line.now_s)
    return line


def confirm(line: Line, lane: str, *runs: tuple[int, int], epoch: str | None = None) -> None:
    line.sender.confirmed(epoch or line.store.reads.epoch(), {lane: runs})
    line.settle()


def test_an_event_leaves_the_outbox_only_when_central_has_it(confirmed: Line) -> None:
    confirmed.record(event("t"), event("t"), event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    assert (confirmed.waiting(), confirmed.sender.sent.acknowledged) == (3, 0)
    assert confirmed.pump() == []

    confirm(confirmed, "t", (1, 2))
    confirmed.pump()
    assert (confirmed.waiting(), confirmed.sender.sent.acknowledged) == (1, 2)


def test_what_the_broker_lost_is_sent_again_alone_and_arrives(confirmed: Line) -> None:
    ids = confirmed.record(event("t"), event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirm(confirmed, "t", (1, 1))
    confirmed.now_s += 60
    (again,) = confirmed.pump()

    assert again.ids == ids[1:]
    assert confirmed.sender.sent.repeated == 1
    confirmed.answer(again)
    confirm(confirmed, "t", (2, 2))
    assert confirmed.waiting() == 0


def test_a_new_connection_sends_again_what_the_broker_had(confirmed: Line) -> None:
    ids = confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirmed.sender.reconnected()
    confirmed.now_s += 10

    assert [one.ids for one in confirmed.pump()] == [ids]


def test_central_may_be_faster_than_the_brokers_answer(confirmed: Line) -> None:
    confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirm(confirmed, "t", (1, 1))
    confirmed.answer(published)
    confirmed.now_s += 1000

    assert (confirmed.pump(), confirmed.waiting()) == ([], 0)


def test_what_is_confirmed_while_it_is_about_to_be_sent_again_is_not(confirmed: Line) -> None:
    confirmed.record(*(event("t") for _ in range(3)))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirmed.sender.window = 0
    confirmed.now_s += 60
    confirmed.pump()
    confirm(confirmed, "t", (1, 3))
    confirmed.sender.window = WINDOW

    assert (confirmed.pump(), confirmed.waiting()) == ([], 0)


@pytest.mark.parametrize("runs", [(2, 9), (1, 2**52)])
def test_a_word_on_another_outbox_file_deletes_nothing(
    confirmed: Line, runs: tuple[int, int]
) -> None:
    confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirm(confirmed, "t", runs, epoch="f" * 16)

    assert (confirmed.waiting(), confirmed.sender.sent.unsent) == (1, 0)


def test_a_word_on_events_that_were_never_sent_deletes_nothing_and_is_counted(
    confirmed: Line,
) -> None:
    confirmed.pump()
    confirmed.record(event("t"), event("t"))
    confirm(confirmed, "t", (1, 2))

    assert (confirmed.waiting(), confirmed.sender.sent.unsent) == (2, 2)


def test_a_lane_with_a_full_window_waits_for_central_and_the_others_go_on(
    confirmed: Line,
) -> None:
    confirmed.record(*(event("e") for _ in range(MOST_ROWS + 500)))
    sent = 0
    while batch := confirmed.pump():
        for one in batch:
            sent += len(one.events)
            confirmed.answer(one)
    assert MOST_ROWS <= sent < MOST_ROWS + 400
    assert confirmed.sender.is_unconfirmed
    assert not confirmed.sender.has_more

    confirmed.record(event("t"))
    assert [one.lane for one in confirmed.pump()] == ["t"]
    confirm(confirmed, "e", (1, 1000))
    assert {one.lane for one in confirmed.pump()} == {"e"}


@pytest.mark.parametrize("reason", [QUOTA, NO_SUBSCRIBER])
def test_a_refusal_keeps_no_place_in_the_window(confirmed: Line, reason: int) -> None:
    ids = confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published, reason)
    assert len(confirmed.sender.unconfirmed or ()) == 0

    confirmed.now_s += 11
    assert [one.ids for one in confirmed.pump()] == [ids]


def test_a_poisoned_event_is_set_aside_and_keeps_no_place_in_the_window(confirmed: Line) -> None:
    confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published, PAYLOAD_FORMAT)

    assert confirmed.sender.sent.dead == 1 or confirmed.pump() == []
    assert len(confirmed.sender.unconfirmed or ()) == 0


def test_engagement_may_be_evicted_while_it_waits_for_central(confirmed: Line) -> None:
    ids = confirmed.record(event("e"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirmed.store.writer.submit(lambda con: con.execute("DELETE FROM outbox")).result(5)
    confirmed.now_s += 60

    assert (confirmed.pump(), len(confirmed.sender.unconfirmed or ())) == ([], 0)
    assert ids


def test_a_retry_that_was_asked_for_sends_again_what_is_not_confirmed(confirmed: Line) -> None:
    ids = confirmed.record(event("t"))
    (published,) = confirmed.pump()
    confirmed.answer(published)
    confirmed.sender.end_pauses()
    confirmed.now_s += 10

    assert [one.ids for one in confirmed.pump()] == [ids]
