"""A bare recognition with one customer, for those who attack it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import Bare, Customer, bare


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def built(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    with bare(tmp_path, clock) as found:
        yield found


@pytest.fixture
def ada(built: Bare, clock: SettableClock) -> Customer:
    return Customer.enrolled(built, clock)
