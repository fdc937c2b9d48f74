"""Central with the page at home, and nobody in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from edge.central.my_data.menus import Menus, load_menus
from edge.central.postgres import connect
from edge.core.clock import SettableClock
from tests.fakes.at_home import SITES, AtHome, central_app
from tests.fakes.central_customers import CentralCustomers, Voice
from tests.fakes.device_events import NOON
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="session")
def home_database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def central(tmp_path: Path, home_database: str, clock: SettableClock) -> Iterator[CentralCustomers]:
    with connect(home_database) as con:
        rows = con.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND relname <> 'schema_step'"
        ).fetchall()
        if rows:
            con.execute(f"TRUNCATE {', '.join(row[0] for row in rows)}".encode())
    central = CentralCustomers(
        tmp_path, home_database, clock, reach="group", pages=True, sites=SITES
    )
    yield central
    central.close()


@pytest.fixture(scope="session")
def menus() -> Menus:
    return load_menus(SITES)


@pytest.fixture
def app(
    central: CentralCustomers, clock: SettableClock, menus: Menus, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """What is served; the shops' folders are read once for all tests."""
    monkeypatch.setattr("edge.central.my_data.part.load_menus", lambda _folder: menus)
    return central_app(central.settings, clock)


@pytest.fixture
def shop(central: CentralCustomers) -> Voice:
    """A device of the shop where everybody here enrolled."""
    voice = central.voice("kitchen-1", "harbour-kitchen")
    central.born(voice)
    return voice


@pytest.fixture
def at_home(app: Flask, clock: SettableClock) -> Callable[[bytes], AtHome]:
    return lambda beacon_key: AtHome(app, clock, beacon_key)
