"""The outbox keeps events until acknowledged, in order, and drops the least valuable first."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.core.errors import ContractError, StorageUnavailableError
from edge.store import schema
from edge.store.database import open_writer
from edge.store.eviction import Dropped
from edge.store.outbox import Outbox, Outgoing
from edge.store.room import room
from tests.fakes.recorded import NOON, TestEvent, event, new_id

BIG = 1000
ROW = room(BIG)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = open_writer(tmp_path / "edge.db", max_bytes=1 << 30)
    schema.migrate(made)
    yield made
    made.close()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(SettableClock(NOON))


def ids(outbox: Outbox, con: sqlite3.Connection, lane: str = "e") -> list[str]:
    return [row.event_id for row in outbox.oldest(con, lane, 100)]


def test_events_come_back_whole_and_in_the_order_of_writing(
    con: sqlite3.Connection, outbox: Outbox
) -> None:
    first = TestEvent(new_id(NOON + timedelta(days=9)), created_at=NOON + timedelta(days=9))
    second = TestEvent(new_id())
    outbox.add(con, [first])
    outbox.add(con, [second])

    rows = outbox.oldest(con, "e", 10)
    assert [(row.event_id, row.seq, row.body) for row in rows] == [
        (first.event_id, 1, first.body),
        (second.event_id, 2, second.body),
    ]
    assert rows[0].created_at == first.created_at
    assert all(row.is_whole for row in rows)


def test_each_lane_counts_for_itself(con: sqlite3.Connection, outbox: Outbox) -> None:
    outbox.add(con, [event("e"), event("c"), event("e"), event("m"), event("t")])

    assert {lane: [row.seq for row in outbox.oldest(con, lane, 10)] for lane in "ctem"} == {
        "c": [1],
        "t": [1],
        "e": [1, 2],
        "m": [1],
    }


def test_numbers_are_never_used_again(con: sqlite3.Connection, outbox: Outbox) -> None:
    first, second = event(), event()
    outbox.add(con, [first])
    outbox.acknowledge(con, [first.event_id])
    outbox.add(con, [second])

    assert [row.seq for row in outbox.oldest(con, "e", 10)] == [2]


def test_adding_twice_and_acknowledging_twice_are_harmless(
    con: sqlite3.Connection, outbox: Outbox
) -> None:
    once = event()
    assert outbox.add(con, [once, once]) == 1
    assert outbox.add(con, [once]) == 0
    assert outbox.depths(con)["e"].waiting == 1

    assert outbox.acknowledge(con, [once.event_id]) == 1
    assert outbox.acknowledge(con, [once.event_id]) == 0
    assert outbox.oldest(con, "e", 10) == []
    assert outbox.depths(con)["e"].bytes == 0


def test_a_rolled_back_event_leaves_no_gap_in_the_numbers(
    con: sqlite3.Connection, outbox: Outbox
) -> None:
    con.execute("BEGIN")
    outbox.add(con, [event(), event()])
    con.execute("ROLLBACK")
    outbox.add(con, [event()])

    assert [row.seq for row in outbox.oldest(con, "e", 10)] == [1]


def test_reading_goes_on_behind_a_place(con: sqlite3.Connection, outbox: Outbox) -> None:
    outbox.add(con, [event() for _ in range(5)])
    first = outbox.oldest(con, "e", 2)

    assert [row.seq for row in outbox.oldest(con, "e", 2, after=first[-1].place)] == [3, 4]


def test_depths_tell_how_much_waits_and_since_when(con: sqlite3.Connection, outbox: Outbox) -> None:
    outbox.add(con, [event(size=BIG), event(size=BIG)])

    depth = outbox.depths(con)["e"]
    assert (depth.waiting, depth.bytes, depth.dropped, depth.oldest_at) == (2, 2 * ROW, 0, NOON)
    assert outbox.depths(con)["t"].oldest_at is None


def test_an_id_that_is_no_uuid_is_refused(con: sqlite3.Connection, outbox: Outbox) -> None:
    with pytest.raises(ContractError, match="wanted a UUID as id, got 'nonsense'"):
        outbox.add(con, [event(event_id="nonsense")])


def test_bytes_that_changed_on_disk_are_noticed(con: sqlite3.Connection, outbox: Outbox) -> None:
    outbox.add(con, [event()])
    con.execute('UPDATE outbox SET body = CAST(\'{"id":"y"}\' AS BLOB)')

    assert not outbox.oldest(con, "e", 1)[0].is_whole


# ---- refusals and dead letters -------------------------------------------------------------


def test_a_refusal_is_counted(con: sqlite3.Connection, outbox: Outbox) -> None:
    once = event()
    outbox.add(con, [once])
    outbox.refused(con, [once.event_id])

    assert outbox.oldest(con, "e", 1)[0].attempts == 1


def test_a_dead_letter_is_kept_with_its_reason_and_waits_no_more(
    con: sqlite3.Connection, outbox: Outbox
) -> None:
    poison = event()
    outbox.add(con, [poison])
    outbox.dead_letter(con, poison.event_id, "refused")

    assert outbox.depths(con)["e"].waiting == 0
    row = con.execute("SELECT lane, seq, reason, body FROM dead_letter").fetchone()
    assert row == (2, 1, "refused", poison.body)


def test_dead_letters_stay_below_a_mebibyte(con: sqlite3.Connection, outbox: Outbox) -> None:
    poison = [event(size=200_000) for _ in range(8)]
    outbox.add(con, poison)
    for one in poison:
        outbox.dead_letter(con, one.event_id, "refused")

    kept = con.execute("SELECT n FROM dead_letter ORDER BY n").fetchall()
    assert kept == [(4,), (5,), (6,), (7,), (8,)]


# ---- a full outbox -------------------------------------------------------------------------


def full_after(rows: int, announced: list[Dropped] | None = None) -> Outbox:
    def announce(dropped: Dropped) -> Outgoing:
        assert announced is not None
        announced.append(dropped)
        return event("m", "outbox_dropped")

    return Outbox(
        SettableClock(NOON),
        cap_bytes=rows * ROW + ROW // 2,  # half a row over: one more evicts exactly one
        announce=None if announced is None else announce,
    )


def test_metrics_go_first_then_plays_then_unseen_decisions_then_the_rest(
    con: sqlite3.Connection,
) -> None:
    outbox = full_after(6)
    tap, seen = event("e", "tap", size=BIG), event("e", "decision", size=BIG)
    unseen, play = event("e", "decision", size=BIG), event("e", "play", size=BIG)
    metric, consent = event("m", "health", size=BIG), event("c", "consent", size=BIG)
    by_name = {
        e.event_id: name
        for e, name in (
            (tap, "tap"),
            (seen, "seen decision"),
            (unseen, "unseen decision"),
            (play, "play"),
            (metric, "metric"),
            (consent, "consent"),
        )
    }
    outbox.add(con, [tap, seen, unseen, play, metric, consent])
    outbox.mark_exposed(con, seen.event_id)

    gone = []
    there = set(by_name)
    for _ in range(5):
        outbox.add(con, [event("t", "order", size=BIG)])
        now = {row.event_id for lane in "ctem" for row in outbox.oldest(con, lane, 100)}
        gone += [by_name[one] for one in there - now]
        there &= now

    assert gone == ["metric", "play", "unseen decision", "tap", "seen decision"]
    assert {by_name[one] for one in there} == {"consent"}


def test_expired_events_go_before_anything_else(con: sqlite3.Connection) -> None:
    outbox = full_after(3)
    expired = TestEvent(new_id(), expires_at=NOON - timedelta(seconds=1), body=b"x" * BIG)
    metric = event("m", "health", size=BIG)
    outbox.add(con, [metric, expired, event(size=BIG)])
    outbox.add(con, [event(size=BIG)])

    assert ids(outbox, con, "m") == [metric.event_id]
    assert expired.event_id not in ids(outbox, con)


def test_all_that_is_expired_goes_before_anything_that_is_not(con: sqlite3.Connection) -> None:
    outbox = full_after(600)
    over = NOON - timedelta(seconds=1)
    live = [event("m", "health", size=BIG) for _ in range(50)]
    expired = [
        TestEvent(new_id(), kind="play", expires_at=over, body=b"x" * BIG) for _ in range(550)
    ]
    outbox.add(con, [*live, *expired])
    outbox.add(con, [event("t", "order", size=BIG) for _ in range(500)])

    assert len(ids(outbox, con, "m")) == 50


def test_central_is_told_which_number_was_set_aside(con: sqlite3.Connection) -> None:
    announced: list[Dropped] = []
    outbox = full_after(100, announced)
    poison = event("t", "order", size=BIG)
    outbox.add(con, [event("t", "order"), poison])
    outbox.dead_letter(con, poison.event_id, "refused")

    (dropped,) = announced
    (run,) = dropped.runs
    assert dropped.why == "set aside"
    assert (run.lane, run.count, run.first_seq, run.last_seq) == ("t", 1, 2, 2)


def test_a_broker_that_refuses_even_the_word_of_it_hears_no_endless_row_of_them(
    con: sqlite3.Connection,
) -> None:
    announced: list[Dropped] = []
    outbox = full_after(100, announced)
    outbox.add(con, [event()])
    for _ in range(9):
        for one in (*ids(outbox, con), *ids(outbox, con, "m")):
            outbox.dead_letter(con, one, "refused")

    assert len(announced) == 1
    assert outbox.depths(con)["m"].waiting == 0


def test_one_event_reports_an_eviction(con: sqlite3.Connection) -> None:
    announced: list[Dropped] = []
    outbox = full_after(10, announced)
    outbox.add(con, [event(size=BIG) for _ in range(10)])
    outbox.add(con, [event(size=BIG) for _ in range(3)])

    (dropped,) = announced
    (run,) = dropped.runs
    assert (run.lane, run.count, run.first_seq, run.last_seq) == ("e", 3, 1, 3)
    assert (dropped.at, dropped.why) == (NOON, "outbox full")
    assert outbox.depths(con)["m"].waiting == 1
    assert outbox.depths(con)["e"].dropped == 3


def test_the_word_on_what_was_dropped_goes_last_and_only_before_an_order(
    con: sqlite3.Connection,
) -> None:
    outbox = full_after(4)
    word = event("m", "outbox_dropped", size=BIG)
    outbox.add(con, [word, event(size=BIG), event(size=BIG), event(size=BIG)])
    for _ in range(3):
        outbox.add(con, [event("t", "order", size=BIG)])
    assert ids(outbox, con, "m") == [word.event_id]
    assert ids(outbox, con) == []

    outbox.add(con, [event("t", "order", size=BIG)])
    assert ids(outbox, con, "m") == []
    assert len(ids(outbox, con, "t")) == 4


def test_consents_and_orders_never_go_and_more_of_them_are_refused_aloud(
    con: sqlite3.Connection,
) -> None:
    outbox = full_after(4)
    outbox.add(con, [event("c", "consent", size=BIG), event("t", "order", size=BIG)])
    outbox.add(con, [event("t", "order", size=BIG), event("t", "order", size=BIG)])

    with pytest.raises(StorageUnavailableError, match="none may be dropped"):
        outbox.add(con, [event("t", "order", size=BIG)])
    assert sum(depth.waiting for depth in outbox.depths(con).values()) == 4


def test_engagement_that_finds_only_orders_is_counted_as_dropped(
    con: sqlite3.Connection,
) -> None:
    outbox = full_after(2)
    outbox.add(con, [event("t", "order", size=BIG), event("t", "order", size=BIG)])

    assert outbox.add(con, [event(size=BIG)]) == 0
    assert outbox.depths(con)["e"].dropped == 1


def test_a_full_outbox_stays_under_its_cap(con: sqlite3.Connection) -> None:
    outbox = full_after(50)
    for _ in range(40):
        outbox.add(con, [event("em"[n % 2], size=BIG) for n in range(7)])
        depths = outbox.depths(con)
        rows, size = con.execute("SELECT count(*), sum(bytes) FROM outbox").fetchone()
        assert size == sum(depth.bytes for depth in depths.values()) <= 50 * ROW + ROW // 2
        assert rows == sum(depth.waiting for depth in depths.values())


def test_what_is_expired_can_be_dropped_before_the_outbox_is_full(
    con: sqlite3.Connection,
) -> None:
    clock = SettableClock(NOON)
    outbox = Outbox(clock, announce=lambda dropped: event("m", dropped.why))
    order = event("t", "order")
    outbox.add(con, [event(), order])
    clock.advance(timedelta(days=31))

    assert outbox.expire(con) == 1
    assert ids(outbox, con) == []
    assert ids(outbox, con, "t") == [order.event_id]
    assert len(ids(outbox, con, "m")) == 1
