"""A database with the bridge's tables; the clock says noon of 1 March 2026.

Forty partitions take a third of a second to make, so the tests share one database and each finds it
empty.
"""

from collections.abc import Iterator

import pytest

from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection, connect
from edge.core.clock import SettableClock
from tests.fakes.device_events import NOON
from tests.fakes.postgres import PostgresServer

TABLES = (
    *("event", "high_water", "device_health", "dead_letter", "dead_letter_untaken"),
    *("platform_cursor", "retention_run"),
)


@pytest.fixture(scope="session")
def bridge_database(postgres_server: PostgresServer) -> str:
    url = postgres_server.url()
    opened(url, SettableClock(NOON)).close()
    return url


@pytest.fixture
def database(bridge_database: str) -> str:
    """The address of a database with the bridge's tables, and nothing in them."""
    with connect(bridge_database) as con:
        for table in TABLES:
            con.execute(f"DELETE FROM {table}".encode())
    return bridge_database


@pytest.fixture
def con(database: str) -> Iterator[Connection]:
    """A connection to look at what was written; it sees what is committed at each look."""
    with connect(database) as con:
        con.autocommit = True
        yield con


@pytest.fixture
def sink(database: str) -> Iterator[PostgresSink]:
    sink = PostgresSink(database)
    yield sink
    sink.close()
