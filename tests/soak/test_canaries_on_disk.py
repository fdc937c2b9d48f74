"""A customer of a thousand canaries in three shops and at home: no file holds one in clear."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.central.bridge.sink import Arrived
from edge.core.clock import SettableClock
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.profile import Profile, Purchase, Wishes
from edge.identity.simulated_phone import SimulatedPhone
from edge.web.phone.applied import MAX_NAME
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.at_home import SITES, AtHome, central_app
from tests.fakes.broker import running_broker, wait_until
from tests.fakes.central_customers import CentralCustomers
from tests.fakes.postgres import running_postgres
from tests.fakes.shops_with_central import Shop, ShopsWithCentral

pytestmark = [pytest.mark.soak, pytest.mark.broker, pytest.mark.timeout(300)]

NAME = "Canarywen"
CANARIES = [f"canary-{number:04d}-{number * 7919 % 65536:04x}" for number in range(1_000)]
CANARY = re.compile(rb"canary-[0-9]{4}-[0-9a-f]{4}|Canarywen")
QUIET = ("/metrics", "/ops/", "/healthz", "/api/v1/health", "/version", "/board/board-1")
OPS = ("/fleet/", "/fleet/devices", "/fleet/delivery", "/api/fleet/v1/summary")


def profile_of_canaries(today: int) -> Profile:
    starred, muted, less = (frozenset(CANARIES[at : at + 200]) for at in (0, 200, 400))
    bought = (Purchase(sku, today - at % 60, 1) for at, sku in enumerate(CANARIES[600:]))
    assert len(NAME) <= MAX_NAME
    wishes = Wishes(starred, muted, less, name=NAME, shows_name=True)
    return Profile(wishes, tuple(bought))


def found(text: bytes) -> int:
    return len(set(CANARY.findall(text)))


def files_with(roots: Iterable[Path], *wanted: bytes) -> set[str]:
    """Return the names of files that hold a canary, or one of ``wanted``."""
    names = set()
    for path in (one for root in roots for one in root.rglob("*") if one.is_file()):
        text = path.read_bytes()
        if CANARY.search(text) or any(one in text or one.hex().encode() in text for one in wanted):
            names.add(path.name if "pg_wal" not in path.parts else "pg_wal")
    return names


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[ShopsWithCentral]:
    clock = SettableClock(LUNCH_AT)
    with running_postgres() as server, running_broker(tmp_path) as broker:
        central = CentralCustomers(
            tmp_path, server.url(), clock, reach="group", pages=True, sites=SITES
        )
        yield ShopsWithCentral(tmp_path, broker, central, clock)
        central.close()


def roots_of(shops: ShopsWithCentral) -> tuple[Path, Path]:
    row = shops.central.con.execute("SHOW data_directory").fetchone()
    assert row is not None
    return shops.folder, Path(row[0]).parent


def told_everywhere(shops: ShopsWithCentral, here: Shop, phone: SimulatedPhone) -> list[Arrived]:
    """Let a third shop say the canaries, and the first hear of them; return what was said."""
    said = profile_of_canaries(day_of(shops.clock()))
    told = Profile(said.wishes, said.purchases, wishes_changed_at=shops.clock())
    word = shops.central.voice("shop-c-1", "shop-c").tastes(phone.beacon_key, told)
    shops.central.take(*word)
    shops.clock.advance(timedelta(minutes=2))
    wait_until(lambda: len(here.bought(phone)) > 0, "the first shop was told", within_s=60)
    return word


def looked_at(here: Shop, home: AtHome, phone: SimulatedPhone) -> dict[str, bytes]:
    """Open all that shows them at home and on their phone; return what others see meanwhile."""
    home.open()
    pages = ("/my/me", "/my/export.json", "/my/export.html")
    assert {found(home.get(page).data) for page in pages} == {1_001}
    assert found(here.open_page(phone).get("/p/export.json").data) > 100
    here.order(phone, "latte")
    machine, ops = here.built.app.test_client(), home.app.test_client()
    read = {page: machine.get(page).data for page in QUIET}
    return read | {page: ops.get(page).data for page in OPS}


def test_no_file_of_a_shop_the_broker_or_central_holds_one_before_or_after_an_erasure(
    shops: ShopsWithCentral,
) -> None:
    central, roots = shops.central, roots_of(shops)
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        phone = here.enrol("tastes", "past_orders").phone
        who = pseudonym_of(phone.beacon_key)
        wait_until(lambda: there.knows(phone), "the other shop knows them")
        word = told_everywhere(shops, here, phone)
        home = AtHome(central_app(central.settings, shops.clock), shops.clock, phone.beacon_key)

        read = looked_at(here, home, phone)

        assert {page for page, text in read.items() if found(text)} == set()
        central.con.execute("CHECKPOINT")
        assert files_with(roots) == set()
        assert "pg_wal" in files_with(roots, who)  # it would be found
        home.open()
        assert "Everything is erased." in home.post("/my/erase").text
        wait_until(lambda: not here.knows(phone) and not there.knows(phone), "they are gone")
        central.take(*word)  # too late
    assert files_with(roots[:1], who, phone.beacon_key) == set()
    central.con.execute("VACUUM FULL")
    central.con.execute("CHECKPOINT")
    # Until PostgreSQL has written over it, its log knows the pseudonym; nothing that is theirs.
    assert files_with(roots, who, phone.beacon_key) <= {"pg_wal"}
    assert files_with(roots) == set()
