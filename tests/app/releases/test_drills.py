"""Bad models, one for each way to be bad, while a client asks all the time: nobody notices."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.core.clock import SettableClock
from edge.core.errors import EdgeError
from edge.wire.releases import Phase
from tests.fakes.bad_models import (
    BAD,
    CRASHES_HERE,
    POISON,
    SERVING,
    added,
    changed,
    factory_items,
    good_files,
    poisoned_package,
    retold,
)
from tests.fakes.released import STRIP, Device, device
from tests.fakes.repository import RunningRepository
from tests.fakes.service import RunningService

POISONED = tuple(factory_items()[place] for place in POISON)
"""The basket for which a poisoned model is what it is."""


@contextmanager
def asking(shop: Device, *baskets: tuple[str, ...]) -> Iterator[list[int]]:
    """Ask all the time, from two threads; the list has the count of answers and of failures."""
    counts, over = [0, 0], threading.Event()

    def ask() -> None:
        while not over.is_set():
            for basket in ((), *baskets):
                try:
                    slate = shop.ask("a-visit", basket)
                    counts[0] += bool(slate.shown)
                except EdgeError:
                    counts[1] += 1
            over.wait(0.01)

    clients = [threading.Thread(target=ask) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        yield counts
    finally:
        over.set()
        for client in clients:
            client.join()


def nan_at_poison() -> dict[str, bytes]:
    """A package that passes every check, and answers one basket with what is no number."""
    constants: dict[str, NDArray[Any]] = {
        "wanted": np.array([sum(item * item for item in POISON)], np.int32),
        "axis_0_x": np.zeros(1, np.int64),
        "one_x": np.ones(1, np.float32),
    }
    nodes = [
        "Mul basket basket -> squares",
        "ReduceSum squares axis_0_x -> sum_x",
        "Equal sum_x wanted -> is_it",
        "Cast is_it -> is_x",
        "Sub one_x is_x -> rest",
        "Log rest -> extra",
    ]
    return retold(changed(SERVING, added("total", constants, nodes), good_files(5)))


@pytest.mark.parametrize(
    ("kind", "version"),
    [("corrupt", "2.0.0"), ("wrong schema", "2.0.1"), ("slow", "2.0.2"), ("nan", "2.0.3")],
)
def test_a_bad_model_is_refused_before_it_answers_anybody(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock, kind: str, version: str
) -> None:
    repository.publish_files(BAD[kind].files(), {"version": version})
    repository.set_rollout(candidate=repository.candidate(version))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        before = shop.model_of(shop.ask())
        with asking(shop) as counts:
            assert shop.look() is Phase.FAILED

        assert counts[0] > 0
        assert counts[1] == 0
        assert shop.releasing.state.reason == BAD[kind].reason
        assert shop.model_of(shop.ask()) == before
        repository.set_rollout(candidate=repository.candidate(version, release_id="again"))
        assert shop.look() is Phase.FAILED
        assert "failed on this device before" in shop.releasing.state.detail


def test_a_model_that_breaks_on_trial_gives_way_within_the_very_request(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.publish_files(nan_at_poison(), {"version": "2.1.0"})
    repository.set_rollout(candidate=repository.candidate("2.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        before = shop.model_of(shop.ask())
        with asking(shop) as counts:
            assert shop.look() is Phase.TRIAL
            slate = shop.ask(None, POISONED)
            assert slate.shown
            assert slate.degraded is None
            assert shop.watch(1) is Phase.ROLLED_BACK

        assert counts[0] > 0
        assert counts[1] == 0
        assert shop.model_of(slate) == before
        assert shop.releasing.state.reason == "error_rate"
        assert shop.told[-1].phase is Phase.ROLLED_BACK
        assert shop.watch(90) is Phase.ROLLED_BACK


def served_model(service: RunningService, basket: tuple[str, ...] = ()) -> str:
    asked = {"placement": STRIP, "basket": list(basket)}
    status, slate = service.request("POST", "/api/v1/decide", asked)
    assert status == 200, slate
    status, found = service.request("GET", f"/api/v1/explain/{slate['decision_id']}")
    assert status == 200
    return str(found["model"])


def poisoned_three_times(data: Path, serves: str = "", *, other_than: str = "") -> None:
    """Start the service and ask what kills it, three times over."""
    for _ in range(3):
        service = RunningService.start(data)
        try:
            found = served_model(service)
            assert found != other_than
            assert found == serves or not serves
            with pytest.raises(OSError, match=r".*"):
                served_model(service, POISONED)
            assert service.process.wait(20) < 0
        finally:
            service.kill()


@pytest.mark.broker
@pytest.mark.timeout(120)
@pytest.mark.skipif(not CRASHES_HERE, reason="this processor divides what faults elsewhere")
def test_a_model_that_kills_the_service_is_rolled_back_by_restarts_alone(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.publish_model(poisoned_package(tmp_path / "poisoned"), "2.2.0")
    repository.set_rollout(candidate=repository.candidate("2.2.0"))
    data = tmp_path / "data"
    with device(data, repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        assert shop.look() is Phase.TRIAL
    repository.faults.status = 503  # from here on nobody helps: no network, no person

    poisoned_three_times(data, other_than=factory)

    with RunningService.start(data) as service:
        assert served_model(service) == factory
        assert served_model(service, POISONED) == factory
        _, health = service.request("GET", "/api/v1/health")
    (part,) = (one for one in health["parts"] if one["part"] == "release")
    assert part["state"] == "degraded"
    assert "crash, the service ended 3 times while it was tried" in part["detail"]


@pytest.mark.broker
@pytest.mark.timeout(120)
@pytest.mark.skipif(not CRASHES_HERE, reason="this processor divides what faults elsewhere")
def test_a_model_that_begins_to_kill_the_service_after_it_was_committed_gives_way(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.publish_model(poisoned_package(tmp_path / "poisoned", seed=9), "2.3.0")
    data, models = tmp_path / "data", []
    with device(data, repository, clock=clock) as shop:
        for version in ("1.1.0", "2.3.0"):
            repository.set_rollout(candidate=repository.candidate(version, trial_minutes=1))
            assert shop.look() is Phase.TRIAL
            shop.ask()
            assert shop.watch(2) is Phase.COMMITTED
            models.append(shop.model_of(shop.ask()))
    repository.faults.status = 503  # from here on nobody helps: no network, no person

    poisoned_three_times(data, models[1])

    with RunningService.start(data) as service:
        assert served_model(service, POISONED) == models[0]
        _, health = service.request("GET", "/api/v1/health")
    (part,) = (one for one in health["parts"] if one["part"] == "release")
    assert part["state"] == "degraded"
    assert "crash, the service ended 3 times within a day" in part["detail"]
    with device(data, repository, clock=clock) as shop:
        assert shop.releasing.state.serving.version == "1.1.0"
        repository.faults.heal()
        repository.set_rollout(stable=repository.release("2.3.0"))
        assert shop.look() is Phase.ROLLED_BACK
        assert shop.model_of(shop.ask()) == models[0]
