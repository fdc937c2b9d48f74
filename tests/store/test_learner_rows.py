"""States of the learner are kept as they were made, and the oldest go first."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.experiment.snapshots import Snapshot, check_chain, following
from edge.store import learner_rows
from edge.store.store import Store

AT = datetime(2026, 3, 3, 12, 5, 7, 123_999, tzinfo=UTC)


def opened(folder: Path) -> Store:
    return Store.open(folder, clock=SettableClock(AT), chance=system_chance)


def chain(count: int) -> list[Snapshot]:
    made: list[Snapshot] = []
    for number in range(count):
        made.append(following(made[-1] if made else None, b"s%d" % number, number * 500, AT))
    return made


def test_a_kept_state_is_there_after_a_restart_and_its_chain_holds(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for one in chain(3):
        store.learner.keep(one).result(5)
    store.close()

    store = opened(tmp_path)
    assert store.learner.all() == chain(3)
    assert check_chain(store.learner.all()) == chain(3)[-1]
    store.learner.clear().result(5)
    assert store.learner.all() == []
    store.close()


def test_the_oldest_states_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner_rows, "KEPT", 4)
    store = opened(tmp_path)
    for one in chain(9):
        store.learner.keep(one).result(5)

    assert [one.number for one in store.learner.all()] == [6, 7, 8, 9]
    assert check_chain(store.learner.all()) is not None
    store.close()
