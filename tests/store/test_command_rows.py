"""Which commands were taken, and what became of them."""

from pathlib import Path

import pytest

from edge.store.command_rows import KEPT, CommandRows, TakenCommand
from edge.store.store import Store
from tests.fakes.recorded import NOON, open_store


@pytest.fixture
def rows(store: Store) -> CommandRows:
    return store.commands


def test_before_the_first_command_any_number_is_new(rows: CommandRows) -> None:
    assert rows.last_seq() == 0
    assert rows.find("a") is None


def test_a_command_is_taken_once_and_never_below_a_newer_one(rows: CommandRows) -> None:
    assert rows.take("b", 5, NOON).result(5)
    assert not rows.take("b", 5, NOON).result(5)
    assert not rows.take("a", 4, NOON).result(5)
    assert rows.last_seq() == 5
    assert rows.find("a") is None


def test_what_became_of_it_is_found_again_and_unknown_until_then(rows: CommandRows) -> None:
    rows.take("a", 1, NOON).result(5)
    assert rows.find("a") == TakenCommand("a", 1, None)
    rows.finish("a", b"done").result(5)

    assert rows.find("a") == TakenCommand("a", 1, b"done")


def test_the_number_outlives_a_restart(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.commands.take("a", 7, NOON).result(5)
    store.close()
    again = open_store(tmp_path)

    assert again.commands.last_seq() == 7
    again.close()


def test_only_the_newest_are_kept(rows: CommandRows) -> None:
    for seq in range(1, KEPT + 4):
        rows.take(f"c{seq}", seq, NOON).result(5)

    assert rows.find("c3") is None
    assert rows.find("c4") is not None
    assert rows.last_seq() == KEPT + 3
