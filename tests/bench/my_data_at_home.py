"""What the page at home costs central: tagging customers, and opening the data of one among many.

Run with ``python -m tests.bench.my_data_at_home [customers]``. CPU time of this process only; wall time
beside it, where PostgreSQL works too.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.central.my_data.home_tags import tag_new
from edge.central.my_data.part import my_data_part
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.consent import Purpose
from edge.identity.day_keys import pseudonym_of
from tests.fakes.at_home import SITES, AtHome, central_app
from tests.fakes.central_customers import GROUP, CentralCustomers, said
from tests.fakes.postgres import running_postgres

TIMES = 100


def main(customers: int) -> None:
    clock = SettableClock(datetime(2026, 3, 4, 12, tzinfo=UTC))
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        central = CentralCustomers(
            Path(folder), postgres.url(), clock, reach="group", pages=True, sites=SITES
        )
        own = my_data_part(central.settings, clock, system_chance)
        assert own is not None
        own.tag_new()  # makes the tables
        key = central.part.keys.row_key
        _fill(central, customers)
        _timed("tagged", customers, lambda: _all(lambda: tag_new(central.con, key)))
        ada = system_chance(32)
        shop = central.voice("kitchen-1", "harbour-kitchen")
        central.take(shop.enrolment(ada, [said(one, clock()) for one in Purpose]))
        home = AtHome(central_app(central.settings, clock), clock, ada)
        _timed("proven and opened", TIMES, lambda: _open(home, clock))
        central.con.execute("ANALYZE customer")
        central.close()


def _fill(central: CentralCustomers, customers: int) -> None:
    with central.con.cursor().copy(
        "COPY customer(pseudonym, beacon_key, group_id, site, language, since_at) FROM STDIN"
    ) as rows:
        for _ in range(customers):
            beacon_key = system_chance(32)
            pseudonym = pseudonym_of(beacon_key)
            sealed = central.part.keys.row_key.seal(beacon_key, pseudonym, system_chance)
            rows.write_row((pseudonym, sealed, GROUP, "shop-1", "en", central.clock()))


def _all(tag: Callable[[], int]) -> None:
    while tag():
        pass


def _open(home: AtHome, clock: SettableClock) -> None:
    for _ in range(TIMES):
        clock.advance(timedelta(seconds=30))
        home.open()


def _timed(what: str, times: int, act: Callable[[], object]) -> None:
    cpu, wall = time.process_time(), time.monotonic()
    act()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    each = f"{cpu / times * 1e6:.0f} us CPU, {wall / times * 1e6:.0f} us wall each"
    sys.stdout.write(f"{what}: {each}, of {times}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
