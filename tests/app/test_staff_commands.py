"""The team is changed from a shell while the shop is closed, and listed at any time."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.store.store import Store
from tests.fakes.recorded import SMALL

PIN = "271828"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    opened(tmp_path).close()
    return tmp_path


@pytest.fixture
def running(data: Path) -> Iterator[Path]:
    store = opened(data)
    yield data
    store.close()


def opened(folder: Path) -> Store:
    return Store.open(folder, clock=system_clock, chance=system_chance, settings=SMALL)


def run(data: Path, *words: str, said: str = "") -> Result:
    group, *rest = words
    return CliRunner().invoke(edge, [group, rest[0], "--data", str(data), *rest[1:]], input=said)


def test_who_is_added_is_listed_and_who_is_removed_is_not(data: Path) -> None:
    added = run(data, "staff", "add", "amira", "Amira", "--pin-stdin", said=f"{PIN}\n")
    assert added.output == "amira may sign in as associate\n"
    listed = run(data, "staff", "list").output
    assert re.search(r"amira +Amira +associate", listed)

    assert run(data, "staff", "remove", "amira").exit_code == 0
    assert "amira" not in run(data, "staff", "list").output


def test_a_pin_that_is_typed_is_asked_for_twice_and_never_shown(data: Path) -> None:
    run(data, "staff", "add", "jonas", "Jonas", "--role", "lead", "--pin-stdin", said=f"{PIN}\n")
    changed = run(data, "staff", "set-pin", "jonas", said="161803\n161803\n")

    assert changed.exit_code == 0
    assert "161803" not in changed.output


def test_a_code_for_a_tablet_is_printed_alone_so_that_it_can_be_piped(data: Path) -> None:
    found = run(data, "staff", "enrol-tablet", "counter")

    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}\n", found.stdout)
    assert "valid once" in found.stderr


def test_a_tablet_that_is_not_there_cannot_be_removed(data: Path) -> None:
    found = run(data, "staff", "remove-tablet", "counter")

    assert isinstance(found.exception, RequestContractError)


def test_while_the_shop_runs_the_team_is_listed_and_what_to_do_is_said(running: Path) -> None:
    assert run(running, "staff", "list").exit_code == 0
    found = run(running, "staff", "remove", "amira")

    assert isinstance(found.exception, StorageUnavailableError)
    assert "Stop it" in str(found.exception)
    assert "run this again" in str(found.exception)


@pytest.mark.parametrize(
    "words", [("staff", "list"), ("staff", "remove", "x"), ("audit", "verify")]
)
def test_a_folder_without_a_shop_is_not_made_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = run(tmp_path, *words)

    assert isinstance(found.exception, RequestContractError)
    assert "is not there" in str(found.exception)
    assert list(tmp_path.iterdir()) == []
