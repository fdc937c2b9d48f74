"""A client that trusts a repository, for each scenario."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.clock import system_clock
from tests.fakes.conforming import Client
from tests.fakes.mirror import serving
from tests.fakes.tampered import SignedRepository


@pytest.fixture
def repository() -> SignedRepository:
    return SignedRepository(system_clock())


@pytest.fixture
def client(tmp_path: Path, repository: SignedRepository) -> Iterator[Client]:
    with serving(repository.files) as origin:
        found = Client(tmp_path, origin)
        assert found.init(repository.pinned) == 0
        yield found
