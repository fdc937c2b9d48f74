"""How the store is, for whoever reports health."""

from dataclasses import dataclass
from datetime import datetime

from edge.store.boot import BootReport
from edge.store.outbox import LaneDepth


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the store is; ``lanes`` is empty when it cannot be read."""

    boot: BootReport
    lanes: dict[str, LaneDepth]
    last_error: str | None  # of the latest commit; None: it succeeded
    keys_problem: str | None = None  # why nobody can be recognised
    erasures_unfinished: int = 0  # customers whose traces are still in a log

    @property
    def waiting(self) -> int:
        """Events that wait for delivery."""
        return sum(lane.waiting for lane in self.lanes.values())

    @property
    def waiting_bytes(self) -> int:
        """What they take."""
        return sum(lane.bytes for lane in self.lanes.values())

    @property
    def dropped(self) -> int:
        """Events that had to go since this file was made."""
        return sum(lane.dropped for lane in self.lanes.values())

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest waiting event happened."""
        return min((lane.oldest_at for lane in self.lanes.values() if lane.oldest_at), default=None)
