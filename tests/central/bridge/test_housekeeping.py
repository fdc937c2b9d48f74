"""Once a day one of the workers keeps house; a clock that jumps deletes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from edge.central.bridge.figures import Figures
from edge.central.bridge.housekeeping import Housekeeping, keep_retention
from edge.central.bridge.partitions import DAYS_AHEAD, days_of_partitions
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection, connect
from edge.core.clock import SettableClock
from edge.wire.lanes import Lane
from tests.fakes.device_events import NOON, Sender
from tests.fakes.postgres import PostgresServer

HEALTH = Sender(schema="health", lane=Lane.METRICS, title="Health Reported")


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> str:
    url = postgres_server.url()
    opened(url, SettableClock(NOON)).close()
    return url


@pytest.fixture
def con(database: str) -> Iterator[Connection]:
    with connect(database) as con:
        con.autocommit = True
        con.execute("DELETE FROM event")
        con.execute("DELETE FROM retained_day")
        con.execute("DELETE FROM retention_run")
        yield con


def house(database: str, clock: SettableClock) -> Housekeeping:
    return Housekeeping(database, clock, Figures("bridge-1"), has_platform=False)


def count(con: Connection) -> int:
    row = con.execute("SELECT count(*) FROM event").fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_due_is_done_once_a_day_with_tomorrows_partitions(
    con: Connection, sink: PostgresSink, database: str
) -> None:
    sink.write(HEALTH.arrived([1]))
    clock = SettableClock(NOON + timedelta(days=90))
    first = house(database, clock)
    first.turn()
    assert clock().date() + timedelta(days=DAYS_AHEAD) in days_of_partitions(con)
    assert count(con) == 1
    clock.advance(timedelta(days=1))
    first.turn()
    assert count(con) == 0


def test_a_day_that_another_worker_has_done_is_done(con: Connection, sink: PostgresSink) -> None:
    due = NOON + timedelta(days=91)
    con.execute("INSERT INTO retention_run(ran_on) VALUES (%s)", (due.date(),))
    sink.write(HEALTH.arrived([1]))
    assert keep_retention(con, due, has_platform=False) is None
    assert count(con) == 1
    assert keep_retention(con, due + timedelta(days=1), has_platform=False) is not None
    assert count(con) == 0


def test_while_one_worker_does_it_the_others_leave_it(
    con: Connection, sink: PostgresSink, database: str
) -> None:
    sink.write(HEALTH.arrived([1]))
    due = NOON + timedelta(days=91)
    with connect(database) as other:
        other.autocommit = True
        assert keep_retention(other, due - timedelta(days=5), has_platform=False) is not None
        assert keep_retention(con, due, has_platform=False) is None  # it still holds the lock
        assert count(con) == 1
        other.execute("SELECT pg_advisory_unlock_all()")  # as when it is gone
    assert keep_retention(con, due, has_platform=False) is not None
    assert count(con) == 0


@pytest.mark.parametrize("jump", [timedelta(days=40), timedelta(days=3650)])
def test_a_clock_that_jumped_deletes_nothing(
    con: Connection, sink: PostgresSink, jump: timedelta
) -> None:
    con.execute(
        "INSERT INTO retention_run(ran_on) VALUES (%s)", (NOON.date() + timedelta(days=60),)
    )
    sink.write(HEALTH.arrived([1]))
    due = NOON + timedelta(days=60) + jump
    assert keep_retention(con, due, has_platform=False) is None
    assert count(con) == 1
