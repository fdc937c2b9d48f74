"""One database for all tests of the fleet, emptied for each."""

import pytest

from tests.fakes.fleet import emptied
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="session")
def _one_database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def fleet_database(_one_database: str) -> str:
    """The address of a database with the fleet's tables, all empty."""
    emptied(_one_database)
    return _one_database
