"""Each event is kept once, whatever comes twice, late, in another order or under another number."""

import pathlib
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.sink import Arrived, Written
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection, Cursor, connect
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError, WireContractError
from edge.wire.lanes import Lane
from tests.fakes.device_events import NOON, Sender
from tests.fakes.postgres import PostgresServer

SENDER = Sender()


def seqs(con: Connection) -> list[int]:
    return [row[0] for row in con.execute("SELECT seq FROM event ORDER BY seq, event_id")]


def mark(con: Connection) -> tuple[int, ...]:
    row = con.execute(
        "SELECT contiguous_seq, highest_seq, arrived, reused, dropped FROM high_water "
        "WHERE lane = 'e'"
    ).fetchone()
    assert row is not None
    return row


def test_an_event_is_written_with_all_its_columns(sink: PostgresSink, con: Connection) -> None:
    tricky = {"name": 'back\\slash "quote"\ttab\nline', "none": None, "half": 0.5}
    (one,) = SENDER.arrived([3], tricky)

    assert sink.write([one]) == Written(new=1)

    row = con.execute(
        "SELECT event_id::text, tenant, site, device, epoch, lane, seq, type, name, time, "
        "received_at, day, body FROM event"
    ).fetchone()
    assert row is not None
    assert row[:7] == (one.event_id, "demo", "harbour", "kiosk-01", "ab" * 8, "e", 3)
    assert row[7:11] == ("instore.track.v1", "Offer Tapped", one.at, NOON)
    assert (row[11], row[12]) == (NOON.date(), one.event)


def test_what_comes_again_does_nothing(sink: PostgresSink, con: Connection) -> None:
    first, second = SENDER.arrived(range(1, 6)), SENDER.arrived(range(4, 9))

    assert sink.write(first) == Written(new=5)
    assert sink.write(second) == Written(new=3, repeats=2)
    assert sink.write([*second, *second]) == Written(repeats=10)
    assert sink.write([]) == Written()

    assert seqs(con) == list(range(1, 9))
    assert mark(con) == (8, 8, 8, 0, 0)


def test_a_name_with_a_tab_or_a_backslash_is_a_name(sink: PostgresSink, con: Connection) -> None:
    odd = 'a\\b\tc\nd\r"\\N\\.'
    sink.write(SENDER.but(title=odd).arrived([1]))
    assert con.execute("SELECT name FROM event").fetchall() == [(odd,)]


def test_a_repeat_is_known_months_later_and_after_another_file_took_over(
    sink: PostgresSink, con: Connection, database: str
) -> None:
    once = SENDER.arrived([1, 2])
    sink.write(once)
    later = SettableClock(NOON + timedelta(days=90))
    opened(database, later).close()

    again = [one._replace(received_at=later()) for one in once]
    moved = [one._replace(epoch="cd" * 8, seq=one.seq + 100) for one in once]

    assert sink.write(again) == Written(repeats=2)
    assert sink.write(moved) == Written(repeats=2)  # a damaged outbox: new numbers, the same ids
    assert len(seqs(con)) == 2


def test_two_events_under_one_number_are_both_kept_and_counted(
    sink: PostgresSink, con: Connection
) -> None:
    sink.write(SENDER.arrived([1, 2]))
    sink.write(SENDER.but(again="a copied disk").arrived([2, 3]))

    assert seqs(con) == [1, 2, 2, 3]
    assert mark(con) == (3, 3, 3, 1, 0)


def test_another_device_cannot_suppress_an_event_by_its_id(
    sink: PostgresSink, con: Connection
) -> None:
    (one,) = SENDER.arrived([1])
    sink.write([one._replace(device="kiosk-66", site="elsewhere")])

    assert sink.write([one]) == Written(new=1)


def test_an_event_of_a_wrong_clock_is_kept_too(sink: PostgresSink, con: Connection) -> None:
    long_ago = SENDER.but(at=NOON.replace(year=1970), epoch="01" * 8).arrived([1])
    far_ahead = SENDER.but(at=NOON.replace(year=2099), epoch="02" * 8).arrived([1])

    assert sink.write([*long_ago, *far_ahead]) == Written(new=2)
    assert con.execute("SELECT count(*) FROM event_default").fetchone() == (2,)
    assert sink.write([*long_ago, *far_ahead]) == Written(repeats=2)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=10), max_size=6),
    number=st.integers(0, 2**60),
)
def test_in_any_order_with_any_repeats_the_table_is_the_set_of_what_came(
    sink: PostgresSink, con: Connection, batches: list[list[int]], number: int
) -> None:
    sender = SENDER.but(epoch=f"{number:016x}")
    known = {
        row[0] for row in con.execute("SELECT seq FROM event WHERE epoch = %s", (sender.epoch,))
    }
    for batch in batches:
        done = sink.write(sender.arrived(batch))
        assert done == Written(new=len(set(batch) - known), repeats=len(batch) - done.new)
        known |= set(batch)
        rows = con.execute("SELECT seq FROM event WHERE epoch = %s", (sender.epoch,)).fetchall()
        assert sorted(row[0] for row in rows) == sorted(known)
        row = con.execute(
            "SELECT arrived, highest_seq, contiguous_seq FROM high_water WHERE epoch = %s",
            (sender.epoch,),
        ).fetchone()
        gap = next(n for n in range(1, 32) if n not in known)
        assert row == (len(known), max(known), gap - 1)


def test_what_a_device_says_it_dropped_explains_a_gap(sink: PostgresSink, con: Connection) -> None:
    run = {"lane": "e", "count": 4, "bytes": 400, "first_seq": 1, "last_seq": 9}
    reporting = SENDER.but(lane=Lane.METRICS, schema="outbox_dropped", title="Events Dropped")
    report = reporting.arrived([1], {"why": "outbox full", "runs": [run]})
    sink.write(SENDER.arrived([5, 6]))

    for _ in range(2):  # said once, however often it comes
        sink.write(report)
        assert mark(con) == (0, 6, 2, 0, 4)


def test_a_malformed_report_of_drops_is_kept_and_changes_nothing(
    sink: PostgresSink, con: Connection
) -> None:
    reporting = SENDER.but(lane=Lane.METRICS, schema="outbox_dropped")
    runs = [{"lane": "e"}, 5, {"lane": "x", "count": 1}, {"lane": "e", "count": -3}]
    sink.write([*reporting.arrived([1], {"runs": runs}), *reporting.arrived([2], {"runs": 7})])
    assert con.execute("SELECT sum(dropped) FROM high_water").fetchone() == (0,)


def test_the_newest_health_of_each_device_is_at_hand(sink: PostgresSink, con: Connection) -> None:
    reporting = SENDER.but(lane=Lane.METRICS, schema="health", title="Health Reported")
    for seq in (1, 3, 2):
        sink.write(reporting.arrived([seq], {"figures": {"n": seq}, "degraded": ["ranker"]}))
    sink.write(reporting.but(device="kiosk-02").arrived([1], {}))

    rows = con.execute("SELECT device, site, figures, poorly FROM latest_health ORDER BY device")
    assert rows.fetchall() == [
        ("kiosk-01", "harbour", {"n": 3}, ["ranker"]),
        ("kiosk-02", "harbour", {}, []),
    ]


def test_who_follows_gets_each_new_event_once_in_the_same_transaction(
    con: Connection, database: str
) -> None:
    followed: list[int] = []

    def follow(cursor: Cursor, batch: Sequence[Arrived]) -> None:
        row = cursor.execute("SELECT count(*) FROM event").fetchone()
        assert row is not None
        assert row[0] >= len(batch)
        followed.extend(one.seq for one in batch)

    sink = PostgresSink(database, follow=[follow])
    sink.write(SENDER.arrived([1, 2]))
    sink.write(SENDER.arrived([1, 2, 3]))
    sink.write(SENDER.arrived([1, 2, 3]))
    sink.close()

    assert followed == [1, 2, 3]


def test_what_fails_while_following_undoes_the_whole_batch(con: Connection, database: str) -> None:
    def follow(_cursor: Cursor, _batch: Sequence[Arrived]) -> None:
        msg = "wanted something else"
        raise WireContractError(msg)

    sink = PostgresSink(database, follow=[follow])
    with pytest.raises(WireContractError):
        sink.write(SENDER.arrived([1, 2]))
    sink.close()

    assert seqs(con) == []
    assert con.execute("SELECT count(*) FROM high_water").fetchone() == (0,)


def test_a_value_that_postgresql_refuses_is_said_without_the_value(
    con: Connection, database: str
) -> None:
    def follow(cursor: Cursor, _batch: Sequence[Arrived]) -> None:
        cursor.execute("SELECT 'Ada Lovelace'::int")

    sink = PostgresSink(database, follow=[follow])
    with pytest.raises(WireContractError, match="22P02") as caught:
        sink.write(SENDER.arrived([1]))
    sink.close()
    assert "Ada" not in str(caught.value)


def test_a_database_that_is_away_is_unavailable(tmp_path: pathlib.Path) -> None:
    sink = PostgresSink(f"host={tmp_path} dbname=x")
    with pytest.raises(StorageUnavailableError):
        sink.write(SENDER.arrived([1]))
    with pytest.raises(StorageUnavailableError):
        sink.check()


@pytest.mark.broker
def test_after_the_server_was_killed_the_same_batch_is_written_once(
    postgres_server: PostgresServer, con: Connection, sink: PostgresSink, database: str
) -> None:
    sink.write(SENDER.arrived([1, 2]))
    con.close()
    postgres_server.kill()
    with pytest.raises(StorageUnavailableError):
        sink.write(SENDER.arrived([2, 3]))
    postgres_server.start()

    assert sink.write(SENDER.arrived([2, 3])) == Written(new=1, repeats=1)
    with connect(database) as fresh:
        assert seqs(fresh) == [1, 2, 3]
