"""A shop with a team, for those who try what staff may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.staff_shop import StaffShop, staff_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffShop]:
    with staff_shop(tmp_path) as made:
        yield made
