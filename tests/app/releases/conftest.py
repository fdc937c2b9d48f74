"""One signed repository for all tests of this folder: keys and models take seconds to make."""

from collections.abc import Iterator

import pytest

from edge.core.clock import SettableClock, system_clock
from tests.fakes.bad_models import good_package
from tests.fakes.repository import RunningRepository, running_repository


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    """A repository with two good models, 1.1.0 and 1.2.0."""
    folder = tmp_path_factory.mktemp("signed")
    with running_repository(folder) as repository:
        for seed, version in ((1, "1.1.0"), (2, "1.2.0")):
            repository.publish_model(good_package(folder / version, seed), version)
        yield repository


@pytest.fixture
def repository(signed: RunningRepository) -> RunningRepository:
    """The repository, doing nothing wrong and wanting nothing."""
    signed.faults.heal()
    signed.set_rollout()
    return signed


@pytest.fixture
def clock() -> SettableClock:
    """A clock that the test sets, beginning now: what is signed has to hold."""
    return SettableClock(system_clock())
