"""Migrations run once, in order, each whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.store import schema
from edge.store.database import open_writer


def version(con: sqlite3.Connection) -> int:
    return int(con.execute("PRAGMA user_version").fetchone()[0])


def test_a_fresh_file_gets_every_step_and_an_up_to_date_one_none(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "a.db", max_bytes=1 << 30)) as con:
        schema.migrate(con)
        changes = con.total_changes
        schema.migrate(con)

        assert version(con) == len(schema.STEPS)
        assert con.total_changes == changes


def test_every_table_of_ours_is_strict(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "a.db", max_bytes=1 << 30)) as con:
        schema.migrate(con)
        loose = con.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0"
            " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite_%'"
        ).fetchall()

    assert loose == []


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_writer(tmp_path / "a.db", max_bytes=1 << 30)) as con:
        schema.migrate(con)
        shipped = len(schema.STEPS)
        broken = "CREATE TABLE half(a INTEGER) STRICT;\nCREATE TABLE outbox(a INTEGER) STRICT;\n"
        monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, broken))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            schema.migrate(con)

        assert version(con) == shipped
        assert con.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None

        mended = "CREATE TABLE half(a INTEGER) STRICT;\n"
        monkeypatch.setattr(schema, "STEPS", (*schema.STEPS[:shipped], mended))
        schema.migrate(con)
        assert version(con) == shipped + 1
