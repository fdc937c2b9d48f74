"""One PostgreSQL for all of central's tests; each test gets a database of its own."""

from collections.abc import Iterator

import pytest

from tests.fakes.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def database(postgres_server: PostgresServer) -> str:
    """The address of a fresh database."""
    return postgres_server.url()
