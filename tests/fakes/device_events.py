"""Events as a device sends them, made with the product's own code, for tests of central's side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.central.bridge.reading import Incoming, read
from edge.central.bridge.sink import Arrived
from edge.core.ids import uuid7
from edge.wire.batch import pack
from edge.wire.cloudevents import Origin, Track, event, stamp
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics, Topics
from tests.fakes.dice import Dice

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = "demo"


@dataclass(frozen=True)
class Sender:
    """A device: what it would put on its topics."""

    device: str = "kiosk-01"
    site: str = "harbour"
    epoch: str = "ab" * 8
    lane: Lane = Lane.ENGAGEMENT
    schema: str = "engagement"
    title: str = "Offer Tapped"
    at: datetime = NOON
    again: str = ""
    """Makes other ids for the same numbers."""

    @property
    def topic(self) -> str:
        return Topics(TENANT, self.site, self.device).events(self.lane)

    def body(self, seq: int, properties: Mapping[str, object] | None = None) -> bytes:
        """Event ``seq``, stamped as it is sent; the same bytes each time."""
        at = self.at + timedelta(milliseconds=seq)
        dice = Dice(f"{self.device}/{self.epoch}/{self.lane}/{seq}/{self.again}")
        made = event(
            Origin(self.site, self.device, "0.1.0", lambda: "ntp"),
            Track(
                event_id=uuid7(at, dice.bytes),
                schema=self.schema,
                kind="tap",
                title=self.title,
                lane=self.lane,
                at=at,
                anonymous_id="visit-1",
                properties=properties or {"n": seq},
            ),
        )
        return stamp(made.body, epoch=self.epoch, seq=seq, sent_at=at)

    def message(self, seqs: Sequence[int]) -> Incoming:
        """One message with the events ``seqs``."""
        return Incoming(self.topic, pack([self.body(seq) for seq in seqs]).payload)

    def arrived(
        self, seqs: Sequence[int], properties: Mapping[str, object] | None = None
    ) -> tuple[Arrived, ...]:
        """The events ``seqs`` as central reads them."""
        return tuple(self._read(self.body(seq, properties)) for seq in seqs)

    def _read(self, body: bytes) -> Arrived:
        reading = read(Incoming(self.topic, body), CentralTopics(TENANT), NOON)
        assert not reading.dead, reading.dead[0].why
        return reading.events[0]

    def but(self, **changes: Any) -> "Sender":  # noqa: ANN401
        return replace(self, **changes)
