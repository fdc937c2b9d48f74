"""Release after release, the disk holds what may serve again and what neighbours may ask for."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.releases.folder import ReleaseFolder
from edge.core.clock import SettableClock, system_clock
from edge.core.errors import StorageUnavailableError
from edge.store.release_rows import ReleaseRows
from edge.update.layout import NAMES
from edge.wire.releases import Phase, target_path
from tests.fakes.cut_off import full_from, killed_at
from tests.fakes.many_releases import PACKAGE_BYTES, publish, quick
from tests.fakes.repository import RunningRepository, running_repository

MANY = 30


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    with running_repository(tmp_path_factory.mktemp("many")) as repository:
        yield repository


def signed(repository: RunningRepository, *versions: str) -> None:
    """Have these packages signed, once for all tests."""
    for version in versions:
        if not repository.repository.state().target(target_path("model", "ranker", version)):
            publish(repository, version)


def test_thirty_releases_in_a_row_leave_two_of_them_on_the_disk(
    tmp_path: Path, many: RunningRepository
) -> None:
    clock = SettableClock(system_clock())
    with quick(tmp_path / "data", many, clock) as device:
        for number in range(MANY):
            version = f"1.{number}.0"
            publish(many, version)
            many.set_rollout(candidate=many.candidate(version, trial_minutes=1))
            assert device.bring() is Phase.COMMITTED
            # Two packages, each as a tar and unpacked; the metadata grows by a line a release.
            assert device.size_bytes() < 4 * PACKAGE_BYTES + 60_000 + number * 1_000
        assert len(list(device.downloads.glob("*.tar"))) == 2
        assert len([one for one in device.folder.folder.iterdir() if one.is_dir()]) == 2


def test_what_failed_here_stays_for_the_neighbours_until_central_speaks_of_another(
    tmp_path: Path, many: RunningRepository
) -> None:
    clock = SettableClock(system_clock())
    for version in ("2.0.0", "2.1.0"):
        publish(many, version)
    with quick(tmp_path / "data", many, clock) as device:
        many.set_rollout(candidate=many.candidate("2.0.0"))
        assert device.look() is Phase.TRIAL
        many.set_rollout(candidate=many.candidate("2.0.0", share=0.0))
        assert device.look() is Phase.ROLLED_BACK
        assert [one.name[65:] for one in device.downloads.glob("*.tar")] == ["ranker-2.0.0.tar"]
        many.set_rollout(candidate=many.candidate("2.1.0", share=0.0))
        device.look()
        assert not list(device.downloads.glob("*.tar"))


OFTEN = (20, 38, 46, 50, 53)
CUTS = [pytest.param(n, marks=() if n in OFTEN else pytest.mark.soak) for n in range(1, 56)]


@pytest.mark.parametrize("cut", CUTS)
def test_a_kill_between_any_two_steps_leaves_whole_what_the_pointer_names(
    tmp_path: Path, many: RunningRepository, cut: int
) -> None:
    clock, data = SettableClock(system_clock()), tmp_path / "data"
    signed(many, "3.0.0", "3.1.0", "3.2.0")
    for version in ("3.0.0", "3.1.0"):
        with quick(data, many, clock) as device:
            many.set_rollout(candidate=many.candidate(version, trial_minutes=1))
            assert device.bring() is Phase.COMMITTED
    many.set_rollout(candidate=many.candidate("3.2.0", trial_minutes=1))

    keeps = ((ReleaseRows, "keep"),)
    assert killed_at(cut, lambda: _bring(data, many, clock), more=keeps) == -signal.SIGKILL

    pointer = ReleaseFolder(data / "releases/ranker").pointer()
    assert pointer is not None
    for held in (pointer.state.committed, pointer.state.previous):
        assert held is not None
        assert _is_whole(data / "releases/ranker" / held.digest)
    with quick(data, many, clock) as device:
        assert device.bring() is Phase.COMMITTED
        assert device.releasing.state.serving.version == "3.2.0"
        device.look()
        assert device.size_bytes() < 4 * PACKAGE_BYTES + 90_000
        assert not list(device.folder.folder.glob(".*"))


def _bring(data: Path, repository: RunningRepository, clock: SettableClock) -> None:
    with quick(data, repository, clock) as device:
        device.bring()


FULL_AT = (1, 4, 7, 10, 13)
FULL = [pytest.param(n, marks=() if n in FULL_AT else pytest.mark.soak) for n in range(1, 25)]


@pytest.mark.parametrize("cut", FULL)
def test_a_disk_that_is_full_from_any_step_on_costs_time_and_nothing_else(
    tmp_path: Path, many: RunningRepository, cut: int
) -> None:
    clock = SettableClock(system_clock())
    signed(many, "4.0.0", "4.1.0")
    with quick(tmp_path / "data", many, clock) as device:
        many.set_rollout(candidate=many.candidate("4.0.0", trial_minutes=1))
        assert device.bring() is Phase.COMMITTED
        many.set_rollout(candidate=many.candidate("4.1.0", trial_minutes=1))
        with full_from(cut) as asked:
            for _ in range(3):
                with suppress(StorageUnavailableError):
                    device.bring()
        assert asked[0] >= cut, "the disk was never asked so often: fewer cuts are enough"
        state = device.releasing.state
        assert state.serving.version in {"4.0.0", "4.1.0"}
        for held in (state.committed, state.previous):
            assert held is None or _is_whole(device.folder.path(held.digest))
        clock.advance(timedelta(hours=1))
        device.releasing._pause_until_s = 0.0
        assert device.bring() is Phase.COMMITTED
        assert device.releasing.state.serving.version == "4.1.0"
        assert device.size_bytes() < 4 * PACKAGE_BYTES + 90_000


def _is_whole(folder: Path) -> bool:
    return {one.name for one in folder.iterdir()} == set(NAMES)
