"""A store of its own for each test, with a clock that is set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.store.store import Store
from tests.fakes.recorded import NOON, open_store


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def store(tmp_path: Path, clock: SettableClock) -> Iterator[Store]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()
