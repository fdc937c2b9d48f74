"""What the bridge carries, and the port it is written through.

Two sinks exist: PostgreSQL, which is the truth, and a platform's HTTP batch interface, which is
drained from it. A Kafka or a Unomi sink would be a third module with the same ``write``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from edge.central.postgres import Cursor


class Arrived(NamedTuple):
    """One event as it reached central; what its envelope claims has been held against its topic.

    A tuple, because it is made sixty thousand times a second.
    """

    tenant: str
    site: str
    device: str
    epoch: str
    lane: str
    seq: int
    event_id: str
    at: datetime
    """When it happened, by the device's clock."""
    event: Mapping[str, Any]
    raw: bytes
    """The same as JSON."""
    received_at: datetime

    def __repr__(self) -> str:
        """Name it without what it says."""
        return f"Arrived({self.device}, {self.epoch}, {self.lane}{self.seq}, {self.event_id})"

    @property
    def kind(self) -> str:
        """Return the event's type: instore.track.v1."""
        return str(self.event["type"])

    @property
    def name(self) -> str:
        """Return what happened, as Segment's event name: "Order Placed"."""
        return str(self.event["data"]["event"])

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return what it says, as the schema that its ``dataschema`` names has it."""
        found: Mapping[str, Any] = self.event["data"]["properties"]
        return found

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what makes it the same event, however often and by whatever way it comes."""
        return self.event_id, self.device, self.tenant


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that a sink will never take, and why."""

    arrived: Arrived
    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    new: int = 0
    repeats: int = 0
    late: int = 0
    """Not kept, because they came when the time for which they are kept was over."""
    refused: tuple[Refused, ...] = ()


class Sink(Protocol):
    """Takes events for good."""

    def write(self, batch: Sequence[Arrived]) -> Written:
        """Write ``batch`` for good: when this returns, all of it is kept or named as refused.

        Repeats do nothing, so a batch whose writing was cut short is written again.

        Raises:
            UnavailableError: Nothing can be said about the batch; write it again later.
        """


Follow = Callable[[Cursor, Sequence[Arrived]], None]
"""Runs in the transaction that writes them, with those events of a batch that are new.

What it does is therefore done once for each event, however often the event comes. An error of it
undoes the whole batch: a ContractError sets the event aside that causes it, alone.
"""
