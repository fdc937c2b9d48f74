"""A database with the bridge's tables; the clock says noon of 1 March 2026."""

from collections.abc import Iterator

import pytest

from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection
from edge.core.clock import SettableClock
from tests.fakes.device_events import NOON


@pytest.fixture
def con(database: str) -> Iterator[Connection]:
    """A connection to look at what was written; it sees what is committed at each look."""
    with opened(database, SettableClock(NOON)) as con:
        con.autocommit = True
        yield con


@pytest.fixture
def sink(con: Connection, database: str) -> Iterator[PostgresSink]:
    sink = PostgresSink(database)
    yield sink
    sink.close()
