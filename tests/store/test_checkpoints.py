"""The writer empties its log by itself, about every 1,000 pages and once an hour."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.checkpoints import PAGES, TRUNCATE_EVERY_S, Checkpoints, truncate
from edge.store.database import open_reader, open_writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def con(path: Path) -> Iterator[sqlite3.Connection]:
    made = open_writer(path, max_bytes=1 << 30)
    made.execute("CREATE TABLE note(text TEXT) STRICT")
    yield made
    made.close()


def log_bytes(path: Path) -> int:
    return path.with_name("a.db-wal").stat().st_size


def test_the_log_stays_around_a_thousand_pages(con: sqlite3.Connection, path: Path) -> None:
    checkpoints = Checkpoints(0.0)
    for commits in range(1, 1500):
        con.execute("INSERT INTO note VALUES (?)", ("x" * 20_000,))
        checkpoints.tend(con, commits, 1.0)

    assert 100 * 4096 < log_bytes(path) < 3 * PAGES * 4096


def test_once_an_hour_the_log_is_emptied(con: sqlite3.Connection, path: Path) -> None:
    checkpoints = Checkpoints(0.0)
    con.execute("INSERT INTO note VALUES ('a')")

    assert not checkpoints.tend(con, 1, TRUNCATE_EVERY_S - 1)
    assert checkpoints.idle_s(TRUNCATE_EVERY_S - 1) == 1
    assert checkpoints.tend(con, 1, TRUNCATE_EVERY_S)
    assert log_bytes(path) == 0
    assert checkpoints.idle_s(TRUNCATE_EVERY_S) == TRUNCATE_EVERY_S


def test_after_emptying_nothing_deleted_can_be_read_in_the_files(
    con: sqlite3.Connection, path: Path
) -> None:
    con.execute("INSERT INTO note VALUES ('a shopper''s secret')")
    con.execute("DELETE FROM note")
    assert b"secret" in path.with_name("a.db-wal").read_bytes()

    assert truncate(con)
    assert b"secret" not in path.read_bytes() + path.with_name("a.db-wal").read_bytes()


def test_a_reader_in_the_way_is_told_and_loses_nothing(con: sqlite3.Connection, path: Path) -> None:
    con.execute("PRAGMA busy_timeout = 1")
    reader = open_reader(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchone()
    con.execute("INSERT INTO note VALUES ('a')")

    assert not truncate(con)
    reader.close()
    assert truncate(con)
