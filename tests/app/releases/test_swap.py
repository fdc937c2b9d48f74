"""A swap costs no request, and nothing of the old model stays."""

import gc
import threading
import weakref
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from edge.app.rankers import Rankers
from edge.app.releases.swap import Swap
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError
from edge.decide.bundle import Bundle
from edge.update.machine_ends import committed
from edge.wire.releases import Phase
from tests.fakes.released import Device, device
from tests.fakes.repository import RunningRepository

SWAPS = 100


def brought(shop: Device, repository: RunningRepository, version: str) -> None:
    """Commit a release on the device."""
    candidate = repository.candidate(version, trial_minutes=1)
    repository.set_rollout(candidate=candidate)
    assert shop.look() is Phase.TRIAL
    shop.ask()
    assert shop.watch(2) is Phase.COMMITTED


class Clients:
    """Four that ask all the time, each time in a visit of its own."""

    def __init__(self, shop: Device) -> None:
        self._shop = shop
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(4)]
        self.made: list[str] = []
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        while not self._over.is_set():
            try:
                slate = self._shop.ask(f"visit-{number}-{len(self.made)}")
                self.made.append(slate.decision_id if slate.shown else "")
            except EdgeError as error:
                self.failures.append(str(error))


def test_a_hundred_swaps_fail_no_request_and_each_is_made_with_one_of_the_two_models(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    with device(tmp_path / "data", repository, clock=clock) as shop:
        brought(shop, repository, "1.1.0")
        brought(shop, repository, "1.2.0")
        state, swap = shop.releasing.state, shop.releasing._tools.swap
        both = [package for package in (state.committed, state.previous) if package]
        with Clients(shop) as clients:
            for number in range(SWAPS):
                state = committed(state, both[number % 2], clock())
                swap.make(state)

        assert clients.failures == []
        assert "" not in clients.made
        explained = [shop.built.services.explain(one) for one in clients.made]
        assert {str(one["model"]) for one in explained if one} == {one.model for one in both}


def test_the_old_model_is_let_go_after_a_swap(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    with device(tmp_path / "data", repository, clock=clock) as shop:
        shop.ask()
        old = weakref.ref(in_force(shop).now().ranker)
        gc.disable()  # the service freezes what it began with: no cycle of that is ever collected
        try:
            brought(shop, repository, "1.1.0")
            assert old() is None
        finally:
            gc.enable()


def in_force(shop: Device) -> Rankers:
    swap = shop.releasing._tools.swap
    assert isinstance(swap, Swap)
    return swap._parts.rankers


def test_on_trial_a_visit_meets_one_model_only_and_boards_meet_the_new_one(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        assert shop.look() is Phase.TRIAL
        now = in_force(shop).in_force
        assert now.trial
        board = shop.model_of(shop.ask(None))
        assert board == now.trial.ranker.digest

        met: Counter[str] = Counter()
        for number in range(60):
            models = {shop.model_of(shop.ask(f"visit-{number}")) for _ in range(2)}
            assert len(models) == 1
            met += Counter(models)
        assert min(met[now.trial.ranker.digest], met[now.serving.ranker.digest]) > 15


@pytest.mark.parametrize("gone", ["trial", "serving"])
def test_what_breaks_gives_way_to_what_was_before_it(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock, gone: str
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        shop.look()
        rankers = in_force(shop)
        before = rankers.in_force
        assert before.trial
        broken: Bundle = before.trial if gone == "trial" else before.serving
        found = rankers.give_up(broken, "it broke")
        after = rankers.in_force
        if gone == "trial":
            assert (found, after.trial) == (before.serving, None)
            assert rankers.broke == "it broke"
        else:
            assert found.ranker.name == "popularity"
            assert after.trial is before.trial
        assert rankers.give_up(broken, "again") is after.serving
        assert replace(after) == rankers.in_force
