"""Central with nobody in it; the tests of a run share its database, and each finds it empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.central.postgres import connect
from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.broker import running_broker
from tests.fakes.central_customers import CentralCustomers
from tests.fakes.device_events import NOON
from tests.fakes.postgres import PostgresServer
from tests.fakes.shops_with_central import ShopsWithCentral

TABLES = (
    *("customer", "consent_event", "customer_message", "customer_place", "customer_device"),
    *("customer_erased", "customer_audit_head", "customer_key_check", "device", "event"),
    "customer_profile",
    *("high_water", "dead_letter"),
)


@pytest.fixture(scope="session")
def customers_database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def central(
    tmp_path: Path, customers_database: str, clock: SettableClock
) -> Iterator[CentralCustomers]:
    with connect(customers_database) as con:
        for table in TABLES:
            row = con.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
            if row and row[0]:
                con.execute(f"DELETE FROM {table}".encode())
    central = CentralCustomers(tmp_path, customers_database, clock, reach="group")
    yield central
    central.close()


@pytest.fixture
def shops(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[ShopsWithCentral]:
    clock = SettableClock(LUNCH_AT)
    central = CentralCustomers(tmp_path, postgres_server.url(), clock, reach="group")
    try:
        with running_broker(tmp_path) as broker:
            yield ShopsWithCentral(tmp_path, broker, central, clock)
    finally:
        central.close()
