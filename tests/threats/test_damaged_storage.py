"""A disk that lies: whatever lies in the data folder, the screens come up."""

import shutil
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from tests.fakes.appliance import LUNCH_AT, appliance, client
from tests.fakes.dice import Dice

PAGE = 4096
ROUNDS = 40


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a power cut leaves it: facts, orders, decisions, a log beside the file."""
    folder = tmp_path_factory.mktemp("used") / "data"
    with appliance(folder) as built:
        screen = client(built)
        screen.post("/api/v1/context", json={"kitchen_load": 0.5})
        screen.post("/api/v1/stock", json={"changes": [{"sku": "latte", "available": 3}]})
        for _ in range(10):
            screen.post("/api/v1/decide", json={"placement": "kiosk-strip"})
            order(screen)
        cut = folder.with_name("cut")
        shutil.copytree(folder, cut, ignore=shutil.ignore_patterns("reserve", "*.lock"))
    return cut


def order(screen: object) -> int:
    """Order a croissant and return the answer's status."""
    body = {"order_id": str(uuid.uuid4()), "lines": [{"sku": "croissant"}], "service": "eat_in"}
    return screen.post("/api/v1/orders", json=body).status_code  # type: ignore[attr-defined,no-any-return]


def statement(sql: str) -> Callable[[Path], None]:
    """Return what changes the database behind the service's back."""

    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "edge.db")) as con:
            con.execute(sql)
            con.commit()

    return change


def instead_of(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what puts something else in the place of a file, and of the log beside it."""

    def change(folder: Path) -> None:
        for path in folder.glob(f"{name}*"):
            path.unlink()
        make(folder / name)

    return change


@pytest.mark.parametrize(
    "damage",
    [
        instead_of("edge.db", Path.mkdir),
        instead_of("edge.db", lambda path: path.symlink_to("/nowhere/edge.db")),
        instead_of("edge.db", lambda path: path.write_bytes(b"no database " * 1000)),
        statement("UPDATE observed SET value = x'ff7b'"),
        statement(
            "UPDATE observed SET name = 'forecast', value = CAST('[{}]' AS BLOB) WHERE name = (SELECT min(name) FROM observed)"
        ),
        statement("UPDATE observed SET received_ms = 99999999999999999"),
        statement("UPDATE decision SET at_ms = 99999999999999999"),
        statement("UPDATE stock SET sku = CAST(x'fffe' AS TEXT)"),
        statement("PRAGMA user_version = 99"),
    ],
    ids=["folder", "nowhere", "text", "no json", "forecast", "year 5138", "ahead", "utf8", "newer"],
)
def test_the_screens_come_up_whatever_lies_in_the_data_folder(
    used: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(used, tmp_path / "data")
    damage(tmp_path / "data")

    with appliance(tmp_path / "data") as built:
        screen = client(built)
        assert screen.get("/kiosk/").status_code == 200
        assert screen.get("/board/board-1").status_code == 200
        answer = screen.post("/api/v1/decide", json={"placement": "kiosk-strip"})
        assert answer.json
        assert answer.json["items"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE shop_order_line SET options = '{' WHERE order_id IN (SELECT id FROM shop_order LIMIT 1)",
        "UPDATE shop_order SET site_day = '2026-99-99' WHERE n = 1",
        "UPDATE shop_order SET taken_ms = 99999999999999999 WHERE n = 1",
    ],
)
def test_one_damaged_order_does_not_keep_the_others_from_the_till(
    used: Path, tmp_path: Path, sql: str
) -> None:
    shutil.copytree(used, tmp_path / "data")
    statement(sql)(tmp_path / "data")

    with appliance(tmp_path / "data") as built:
        answer = client(built).get("/api/v1/orders?since=2026-01-01T00:00:00Z")
        assert answer.json
        assert len(answer.json["orders"]) == 9


def damaged(content: bytes, dice: Dice) -> bytes:
    """Return ``content`` with one kind of damage, as disks and power cuts do it."""
    found = bytearray(content)
    start = dice.below(len(found)) // PAGE * PAGE
    match dice.below(5):
        case 0:
            found[dice.below(len(found))] ^= 1 << dice.below(8)
        case 1:
            found[start : start + PAGE] = dice.bytes(PAGE)
        case 2:
            found[start : start + PAGE] = bytes(PAGE)
        case 3:
            for _ in range(50):
                found[dice.below(len(found))] = dice.below(256)
        case _:
            # The schema's own page: SQLite quotes what it finds there in its errors.
            for _ in range(30):
                found[100 + dice.below(PAGE - 100)] = dice.below(256)
    return bytes(found)


def test_random_damage_is_found_or_harmless_but_never_stops_a_start(
    used: Path, tmp_path: Path
) -> None:
    dice = Dice("damage")
    for number in range(ROUNDS):
        folder = tmp_path / f"{number}"
        shutil.copytree(used, folder)
        hit = folder / dice.choice(["edge.db", "edge.db", "edge.db-wal"])
        hit.write_bytes(damaged(hit.read_bytes(), dice))
        try:
            store = Store.open(
                folder,
                clock=SettableClock(LUNCH_AT),
                chance=system_chance,
                settings=StoreSettings(reserve_bytes=0),
            )
        except EdgeError as error:  # said aloud; any other kind would be a crash
            pytest.fail(f"round {number}: the store refused to open: {error}")
        store.close()


def test_a_schema_page_that_is_no_text_is_set_aside_and_a_fresh_file_made(
    used: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(used, folder)
    (folder / "edge.db-wal").unlink()
    (folder / "edge.db-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        con.execute("PRAGMA writable_schema = ON")
        con.execute("CREATE TABLE IF NOT EXISTS any_table(x)")
        con.execute("UPDATE sqlite_master SET name = CAST(x'ccff' AS TEXT), sql = 'no sql'")
        con.commit()

    with appliance(folder) as built:
        assert built.store.boot.set_aside
        assert order(client(built)) == 200


def test_salvage_takes_whole_events_and_leaves_values_of_the_wrong_kind(
    used: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(used, folder)
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        (waiting,) = con.execute("SELECT count(*) FROM outbox").fetchone()
        con.execute("PRAGMA writable_schema = ON")
        con.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'outbox'"
        )
        con.commit()
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        for column, value in (("body", 5), ("crc", "'x'"), ("eviction", "x'00'"), ("id", "x'00'")):
            con.execute(
                f"UPDATE outbox SET {column} = {value} WHERE place ="
                " (SELECT min(place) FROM outbox WHERE typeof(body) = 'blob'"
                " AND typeof(crc) = 'integer' AND typeof(eviction) = 'integer' AND length(id) = 16)"
            )
        # A row that is missing from its index is what quick_check finds at the start.
        con.execute("PRAGMA writable_schema = ON")
        con.execute("DELETE FROM sqlite_master WHERE name = 'outbox_eviction'")
        con.commit()

    with appliance(folder) as built:
        assert built.store.boot.set_aside
        assert built.store.boot.salvaged == waiting - 4
