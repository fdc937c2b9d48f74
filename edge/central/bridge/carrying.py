"""From messages to what is kept: read them, write the events, set aside what cannot be taken.

When ``carry`` returns, every message of the batch may be acknowledged to the broker: each of its
events is written, was written before, came too late to be kept, or lies among the dead letters. Those
for which there was no room among the dead letters are not among ``kept``: their devices are not told
that central has them, and keep them. Nothing here knows the broker.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.central.bridge.acks import Place
from edge.central.bridge.apart import write_apart
from edge.central.bridge.dead_letters import Buried, bury
from edge.central.bridge.dead_place import place_of
from edge.central.bridge.reading import DeadLetter, Incoming, Reading, read
from edge.central.bridge.sink import Arrived, Refused, Sink
from edge.central.postgres import Connection, connect, storing
from edge.core.clock import Clock
from edge.wire.topics import CentralTopics, Topics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of some messages."""

    messages: int
    new: int
    repeats: int
    dead: int
    buried: int
    """Of the dead, those that were kept now; others were known."""
    untaken: int
    """Of the dead, those that their devices had too many of; they keep them."""
    late: int
    """Events whose time was over when they came; they are not kept."""
    newest_lag_s: float | None
    """How long ago the newest event happened, by its device's clock."""
    kept: Sequence[Arrived | Place] = field(default=(), repr=False)
    """Every event whose device may forget it now: new, repeated, late, and dead ones that are kept."""


class Carrying:
    """Carries messages into a sink, one batch after the other, in one thread."""

    def __init__(
        self, topics: CentralTopics, sink: Sink, graveyard: "Graveyard", clock: Clock
    ) -> None:
        self._topics = topics
        self._sink = sink
        self._graveyard = graveyard
        self._clock = clock

    def carry(self, messages: Sequence[Incoming]) -> Carried:
        """Keep what is in ``messages``.

        Raises:
            UnavailableError: It cannot be kept now. Nothing may be acknowledged; carry it again.
        """
        now = self._clock()
        readings = [read(one, self._topics, now) for one in messages]
        batch = [event for reading in readings for event in reading.events]
        written = write_apart(self._sink, batch)
        dead = [*_dead(readings), *letters_of(written.refused)]
        buried = self._graveyard.bury(dead) if dead else Buried()
        return Carried(
            messages=len(messages),
            new=written.new,
            repeats=written.repeats,
            dead=len(dead),
            buried=buried.new,
            untaken=len(buried.untaken),
            late=written.late,
            newest_lag_s=min(((now - one.at).total_seconds() for one in batch), default=None),
            kept=_kept(batch, readings, buried.untaken) if dead else batch,
        )


def letters_of(refused: Sequence[Refused], target: str = "bridge") -> list[DeadLetter]:
    """Return a dead letter for each event that a sink refused."""
    found = []
    for one in refused:
        arrived = one.arrived
        topic = Topics(arrived.tenant, arrived.site, arrived.device).events(arrived.lane)
        incoming = Incoming(topic, arrived.raw)
        found.append(
            DeadLetter(
                incoming, arrived.tenant, arrived.device, one.why, arrived.received_at, target
            )
        )
    return found


class Graveyard:
    """Keeps dead letters in PostgreSQL, over a connection made when one comes."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._con: Connection | None = None

    def bury(self, dead: Sequence[DeadLetter]) -> Buried:
        """Keep ``dead`` for good, as far as there is room.

        Raises:
            UnavailableError: PostgreSQL is away.
        """
        for letter in dead[:10]:  # a flood of them is in the figures
            log.warning("dead letter of %s: %s", letter.device or "nobody", letter.why[:200])
        try:
            with storing():
                if self._con is None:
                    self._con = connect(self._database, name="bridge dead letters")
                with self._con.transaction(), self._con.cursor() as cursor:
                    return bury(cursor, dead)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        con, self._con = self._con, None
        if con is not None:
            con.close()


def _kept(
    batch: Sequence[Arrived], readings: Sequence[Reading], untaken: Sequence[DeadLetter]
) -> list[Arrived | Place]:
    """Return what central has of ``readings``; of refused events, the places that they claim."""
    lost = {place_of(letter) for letter in untaken}
    places = (place_of(letter) for letter in _dead(readings))
    kept: list[Arrived | Place] = [place for place in places if place is not None]
    if not lost:
        return [*batch, *kept]
    return [
        one
        for one in (*batch, *kept)
        if Place(one.device, one.epoch, one.lane, one.seq) not in lost
    ]


def _dead(readings: Sequence[Reading]) -> list[DeadLetter]:
    return [letter for reading in readings for letter in reading.dead]
