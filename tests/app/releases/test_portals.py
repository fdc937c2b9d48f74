"""A captive portal answers one step of the way: the release waits, and nobody is accused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock, system_clock
from edge.wire.releases import Phase
from tests.fakes.many_releases import publish, quick
from tests.fakes.repository import RunningRepository, running_repository

STEPS = (
    *("timestamp.json", "snapshot.json", "targets.json", "models.json", "rollouts.json"),
    *("targets/rollouts/", "targets/models/"),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    with running_repository(tmp_path_factory.mktemp("one")) as repository:
        publish(repository, "1.0.0")
        repository.set_rollout(candidate=repository.candidate("1.0.0", trial_minutes=1))
        yield repository


@pytest.mark.parametrize("status", [0, 503], ids=["page", "trouble"])
@pytest.mark.parametrize("step", STEPS)
def test_a_portal_at_any_step_of_a_release_costs_time_only(
    tmp_path: Path, one: RunningRepository, step: str, status: int
) -> None:
    clock = SettableClock(system_clock())
    with quick(tmp_path / "data", one, clock) as device:
        one.faults.only, one.faults.captive, one.faults.status = step, not status, status
        asked = len(one.requests)
        device.look()
        state = device.releasing.state
        assert any(step in path for path, _ in one.requests[asked:])
        assert state.committed is None
        assert not state.phase.is_bad_end
        assert not device.releasing._tools.keeping.untrusted
        assert device.releasing.last_error

        one.faults.heal()
        clock.advance(timedelta(minutes=1))
        device.releasing._pause_until_s = 0.0
        assert device.bring() is Phase.COMMITTED
