from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from tests.fakes.fleet_web import FleetWeb


@pytest.fixture
def web(fleet_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FleetWeb:
    """The pages of an empty fleet; each look is a new one, for what goes past the pages."""
    monkeypatch.setattr("edge.central.fleet.web.looking.SHARED_FOR_S", 0.0)
    return FleetWeb(fleet_database, tmp_path, SettableClock(datetime(2026, 3, 2, 9, tzinfo=UTC)))
