"""The update client as a device has it, with a short patience, for a test's own repository."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge.core.clock import SettableClock
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.connections import Line
from edge.update.pace import LinePace
from tests.fakes.tampered import SignedRepository

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHORT: Final = Line(connect_s=2.0, silence_s=2.0, window_s=0.3, least_bytes=64)
QUICK: Final = Line(connect_s=5.0, silence_s=5.0, window_s=5.0, least_bytes=1)


@dataclass
class Device:
    """One device's folder, its clock, and the repository whose root it has pinned."""

    folder: Path
    repository: SignedRepository
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))

    def floor(self, **more: Any) -> ClockFloor:  # noqa: ANN401 - passed on
        self.folder.mkdir(exist_ok=True)
        file = self.folder / "clock_floor.json"
        return ClockFloor(file=file, timesync_file=self.folder / "none", **more)

    def releases(self, *sources: str, **more: Any) -> Releases:  # noqa: ANN401 - passed on
        """Return a new client, as after a start of the service."""
        settings: dict[str, Any] = {
            "root": self.repository.pinned,
            "pace": LinePace(0),
            "floor": self.floor(),
            "reserve_bytes": 0,
            "line": QUICK,
        }
        return Releases(folder=self.folder, sources=sources, clock=self.clock, **(settings | more))

    def trusted(self) -> dict[str, bytes]:
        """Return what is trusted on the disk."""
        metadata = self.folder / "metadata"
        return {one.name: one.read_bytes() for one in metadata.glob("*.json")}
