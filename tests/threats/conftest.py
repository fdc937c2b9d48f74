"""A bare recognition with one customer, and a database as central has it, for those who attack them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import Bare, Customer, bare
from tests.fakes.postgres import PostgresServer, running_postgres


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def built(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    with bare(tmp_path, clock) as found:
        yield found


@pytest.fixture
def ada(built: Bare, clock: SettableClock) -> Customer:
    return Customer.enrolled(built, clock)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server
