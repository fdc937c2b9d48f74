"""One partition a day, made ahead; what came too early moves into its own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from edge.central.bridge.partitions import DAYS_AHEAD, DAYS_BACK, make_partitions, name_of
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.sink import Written
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection
from edge.core.clock import SettableClock
from tests.fakes.device_events import NOON, Sender
from tests.fakes.postgres import PostgresServer

TODAY = NOON.date()


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def con(database: str) -> Iterator[Connection]:
    with opened(database, SettableClock(NOON)) as con:
        con.autocommit = True
        yield con


def test_there_is_a_partition_for_each_day_before_it_comes(con: Connection) -> None:
    rows = con.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"
    )
    names = {row[0] for row in rows}

    assert len(names) == DAYS_BACK + 1 + DAYS_AHEAD + 1  # and the default one
    assert {name_of(TODAY), name_of(TODAY + timedelta(days=DAYS_AHEAD))} <= names
    assert make_partitions(con, TODAY) == 0
    assert make_partitions(con, TODAY + timedelta(days=1)) == 1


def test_a_partition_made_late_takes_over_what_came_before_it(
    con: Connection, sink: PostgresSink
) -> None:
    early = Sender(at=NOON + timedelta(days=20)).arrived([1, 2])
    sink.write(early)
    assert con.execute("SELECT count(*) FROM event_default").fetchone() == (2,)

    make_partitions(con, TODAY + timedelta(days=20))

    assert con.execute("SELECT count(*) FROM event_default").fetchone() == (0,)
    assert con.execute("SELECT count(*) FROM event_20260321").fetchone() == (2,)
    assert sink.write(early) == Written(repeats=2)
