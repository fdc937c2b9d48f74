"""``edge audit verify`` tells a whole log from one that somebody changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.core.errors import RequestContractError
from tests.fakes.proofs import consent, said
from tests.fakes.recorded import open_store
from tests.fakes.staff_shop import staff_shop


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with staff_shop(tmp_path) as shop:
        shop.tablet()
        said_now = consent([said("given", "r1")])
        work = shop.store.writer.submit(lambda con: shop.store.consents.append(con, said_now))
        shop.store.consents.settled(work).result(5)
    return tmp_path


def verify(data: Path) -> Result:
    return CliRunner().invoke(edge, ["audit", "verify", "--data", str(data)])


def change(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "edge.db")) as con:
        for (name,) in con.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            con.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            con.execute(statement)
        con.commit()


def test_what_nobody_changed_is_whole(data: Path) -> None:
    found = verify(data)

    assert found.output == "audit log: whole\nconsent: whole\n"
    assert found.exit_code == 0


def test_a_changed_entry_a_cut_end_and_a_changed_consent_are_told(data: Path) -> None:
    change(
        data,
        "UPDATE audit_entry SET actor = 'amira' WHERE n = 2",
        "DELETE FROM audit_entry WHERE n = (SELECT max(n) FROM audit_entry)",
        "UPDATE consent_purpose SET description = 'anything'",
    )
    found = verify(data)

    assert found.exit_code == 1
    assert "audit log: 2 breaches\n  entry 2 was changed\n  entry 5 is missing at the end\n" in (
        found.output
    )
    assert "consent: 2 breaches" in found.output


def test_while_the_shop_runs_entries_are_checked_and_what_is_not_is_said(data: Path) -> None:
    store = open_store(data)
    try:
        found = verify(data)
        assert (found.exit_code, found.stdout) == (0, "audit log: whole\n")
        assert "stop it for that" in found.stderr
        change(data, "UPDATE audit_entry SET actor = 'amira' WHERE n = 2")
        assert verify(data).exit_code == 1
    finally:
        store.close()


def test_without_the_devices_keys_nothing_can_be_said(data: Path) -> None:
    (data / "device-root.key").unlink()

    assert isinstance(verify(data).exception, RequestContractError)
