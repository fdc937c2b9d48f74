"""The file is opened the one way under which acknowledged means durable."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.store.database import StorageDamagedError, open_reader, open_writer


def pragma(con: sqlite3.Connection, name: str) -> object:
    return con.execute(f"PRAGMA {name}").fetchone()[0]


def test_the_writer_flushes_every_commit_and_checkpoints_nothing_by_itself(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "a.db", max_bytes=1 << 30)) as con:
        assert {
            name: pragma(con, name)
            for name in (
                *("journal_mode", "synchronous", "secure_delete", "foreign_keys"),
                *("trusted_schema", "wal_autocheckpoint", "auto_vacuum", "cell_size_check"),
                *("journal_size_limit", "max_page_count"),
            )
        } == {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "wal_autocheckpoint": 0,
            "auto_vacuum": 2,
            "cell_size_check": 1,
            "journal_size_limit": 16 * 1024 * 1024,
            "max_page_count": 262144,
        }


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(open_writer(path, max_bytes=1 << 30)) as con:
        con.execute("CREATE TABLE note(text TEXT) STRICT")
        with closing(open_reader(path)) as reader:
            assert pragma(reader, "query_only") == 1
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.execute("INSERT INTO note VALUES ('a')")


def test_a_name_with_signs_of_a_uri_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "100% a?b#c.db"
    with closing(open_writer(path, max_bytes=1 << 30)) as con:
        con.execute("CREATE TABLE note(text TEXT) STRICT")

    assert path.exists()


def test_a_missing_file_is_unavailable_to_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="SQLITE_CANTOPEN"):
        open_reader(tmp_path / "none.db")


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database" * 1000)

    with pytest.raises(StorageDamagedError, match="SQLITE_NOTADB"):
        open_writer(path, max_bytes=1 << 30)
