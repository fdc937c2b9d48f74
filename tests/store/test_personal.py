"""No column about a person without export, erasure and retention (P10)."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest

from edge.core.errors import ContractError
from edge.identity.holders import Holder
from edge.identity.profile import Profile, Purchase, Wishes
from edge.store.audit import AuditEntry
from edge.store.person_export import ROWS, shown
from edge.store.personal import parse, personal
from edge.store.store import Store
from tests.fakes.people import Somebody, enrol, serve
from tests.fakes.recorded import open_store, order

Database = Literal["edge", "keys"]


def columns(path: Path) -> dict[str, set[str]]:
    """Return the tables and columns that are really there, generated ones too."""
    with closing(sqlite3.connect(path)) as con:
        tables = con.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            table: {
                row[0] for row in con.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))
            }
            for (table,) in tables
        }


def described(database: Database) -> dict[str, set[str]]:
    return {table: set(named) for table, named in personal(database).items()}


@pytest.mark.parametrize("database", ["edge", "keys"])
def test_every_column_that_is_kept_is_described_and_no_other(
    tmp_path: Path, database: Database
) -> None:
    open_store(tmp_path).close()
    assert columns(tmp_path / f"{database}.db") == described(database)


def test_a_new_column_or_table_is_noticed(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "edge.db"
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("ALTER TABLE customer ADD COLUMN shoe_size INTEGER")
        assert columns(path)["customer"] - described("edge")["customer"] == {"shoe_size"}
        con.execute("CREATE TABLE loyalty(card TEXT) STRICT")
    assert set(columns(path)) - set(described("edge")) == {"loyalty"}


def test_every_rule_is_whole() -> None:
    rules = {
        rule
        for database in ("edge", "keys")
        for named in personal(database).values()
        for rule in named.values()
        if rule is not None
    }
    assert len(rules) >= 14
    for rule in rules:
        assert all((rule.whose, rule.export, rule.erase, rule.retention))


@pytest.mark.parametrize("left_out", ["whose", "export", "erase", "retention"])
def test_a_rule_without_one_of_its_mappings_is_refused(left_out: str) -> None:
    text = files("edge.store").joinpath("personal.toml").read_text()
    head, rule = text.split("[rules.sealed]\n", 1)
    lines = [line for line in rule.splitlines() if not line.startswith(left_out)][:3]
    with pytest.raises(ContractError, match="sealed"):
        parse(f"{head}[rules.sealed]\n" + "\n".join(lines))


def test_a_column_whose_rule_does_not_exist_and_a_bare_withheld_are_refused() -> None:
    text = files("edge.store").joinpath("personal.toml").read_text()
    with pytest.raises(ContractError, match="seeled"):
        parse(text.replace('= "sealed"', '= "seeled"'))
    with pytest.raises(ContractError, match="why it is withheld"):
        parse(text.replace('export = "opened"', 'export = "withheld: "'))


# ---- the export ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store in which a customer has a row in every table that can hold theirs."""
    store = open_store(tmp_path)
    alice = ALICE
    enrol(store, alice, Somebody("bob"))
    fill(store, alice)
    store.close()
    return tmp_path


ALICE = Somebody("alice")


def fill(store: Store, one: Somebody) -> None:
    made = serve(store, one)
    dead = serve(store, one).decision.decision_id
    store.writer.submit(lambda con: store.outbox.dead_letter(con, dead, "refused")).result(10)
    bought = replace(order(), visit_id=made.decision.visit_id)
    store.add_order(bought, lambda _: []).result(10)
    store.audit.add(AuditEntry("amira", "card", one.subject_ref, "kiosk-1", "looked")).result(10)
    store.people.change_purposes(one.customer_id, one.withdrawal, one.profile, []).result(10)


def exported(folder: Path) -> Mapping[str, Any]:
    store = open_store(folder)
    found = store.people.export(ALICE.customer_id)
    assert found is not None
    assert store.people.export(Somebody("nobody").customer_id) is None
    store.close()
    text: Mapping[str, Any] = orjson.loads(orjson.dumps(found))
    return text


def missing_from(export: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the columns of the customer that hold something the export does not."""
    missing = []
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        whose = {"customer": ALICE.customer_id, "subject": ALICE.subject_ref}
        for table, named in personal("edge").items():
            for column, rule in named.items():
                if rule is None or not rule.is_exported:
                    continue
                rows = con.execute(f"SELECT {column} FROM {table} WHERE {ROWS[table]}", whose)
                kept = {repr(shown(column, row[0])) for row in rows}
                assert kept, f"the test has no row in {table}"
                told = {repr(row.get(column)) for row in export.get(table, [{}])}
                if rule.export == "column" and not kept <= told:
                    missing.append(f"{table}.{column}")
                if rule.export == "opened" and told <= {"None"}:
                    missing.append(f"{table}.{column}")
    return missing


def test_the_export_has_every_column_that_is_mapped_to_it(folder: Path) -> None:
    assert missing_from(exported(folder), folder) == []


def test_an_export_that_misses_a_column_is_noticed(folder: Path) -> None:
    whole = exported(folder)
    wanted = [
        (table, column)
        for table, named in personal("edge").items()
        for column, rule in named.items()
        if rule is not None and rule.is_exported
    ]
    assert len(wanted) > 70
    for table, column in wanted:
        cut = {
            name: [{k: v for k, v in row.items() if (name, k) != (table, column)} for row in rows]
            for name, rows in whole.items()
        }
        holds_something = (table, column) != ("engagement", "dwell_ms")  # a tap has no dwell
        assert missing_from(cut, folder) == [f"{table}.{column}"] * holds_something


def test_what_is_sealed_is_exported_field_by_field_but_for_keys(folder: Path) -> None:
    [row] = exported(folder)["customer"]
    holder, profile = row["holder_sealed"], row["profile_sealed"]
    assert set(holder) == {field.name for field in fields(Holder)} - {"customer_id"}
    assert set(profile) == {field.name for field in fields(Profile)}
    assert set(profile["wishes"]) == {field.name for field in fields(Wishes)}
    assert set(profile["purchases"][0]) == {field.name for field in fields(Purchase)}
    assert holder["subject_ref"] == ALICE.subject_ref
    text = orjson.dumps(row)
    for key in (ALICE.beacon_key, ALICE.day_key, bytes(ALICE.customer_id)):
        assert key.hex().encode() not in text


def test_the_export_is_of_nobody_else(folder: Path) -> None:
    text = orjson.dumps(exported(folder))
    assert b"alice" in text
    assert b"bob" not in text
