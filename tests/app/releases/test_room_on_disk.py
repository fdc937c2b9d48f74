"""Release after release, the disk holds what may serve again and what neighbours may ask for."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.app.releases.folder import ReleaseFolder
from edge.core.clock import SettableClock, system_clock
from edge.store.release_rows import ReleaseRows
from edge.update.layout import NAMES
from edge.wire.releases import Phase
from tests.fakes.many_releases import PACKAGE_BYTES, publish, quick
from tests.fakes.repository import RunningRepository, running_repository

MANY = 30


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    with running_repository(tmp_path_factory.mktemp("many")) as repository:
        yield repository


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
    for version in ("3.0.0", "3.1.0", "3.2.0"):
        if not many.repository.state().target(f"models/ranker/{version}/ranker-{version}.tar"):
            publish(many, version)
    for version in ("3.0.0", "3.1.0"):
        with quick(data, many, clock) as device:
            many.set_rollout(candidate=many.candidate(version, trial_minutes=1))
            assert device.bring() is Phase.COMMITTED
    many.set_rollout(candidate=many.candidate("3.2.0", trial_minutes=1))

    assert _killed_at(cut, lambda: _bring(data, many, clock)) == -signal.SIGKILL

    pointer = ReleaseFolder(data / "releases/ranker").pointer()
    assert pointer is not None
    for held in (pointer.state.committed, pointer.state.previous):
        assert held is not None
        folder = data / "releases/ranker" / held.digest
        assert {one.name for one in folder.iterdir()} == set(NAMES)
    with quick(data, many, clock) as device:
        assert device.bring() is Phase.COMMITTED
        assert device.releasing.state.serving.version == "3.2.0"
        device.look()
        assert device.size_bytes() < 4 * PACKAGE_BYTES + 90_000
        assert not list(device.folder.folder.glob(".*"))


def _bring(data: Path, repository: RunningRepository, clock: SettableClock) -> None:
    with quick(data, repository, clock) as device:
        device.bring()


def _killed_at(cut: int, work: Callable[[], None]) -> int:
    """Do ``work`` in a process that kills itself before its effect on the disk number ``cut``."""
    pid = os.fork()
    if not pid:
        left = [cut]

        def counted(inner: Callable[..., object]) -> Callable[..., object]:
            def effect(*given: object, **more: object) -> object:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return inner(*given, **more)

            return effect

        moves = ("mkdir", "rename", "replace", "unlink", "rmdir")
        for owner, name in ((ReleaseRows, "keep"), *((os, move) for move in moves)):
            setattr(owner, name, counted(getattr(owner, name)))
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)
