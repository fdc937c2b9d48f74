"""An event on its way out of the device: as it comes, as it waits, and how a lane of them stands."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.store.moment import from_ms
from edge.store.place import seq
from edge.store.row_id import from_row
from edge.store.shrunk import grow


class Outgoing(Protocol):
    """An event that is to leave the device; ``edge.wire`` makes them."""

    @property
    def event_id(self) -> str:
        """UUID; central drops repeats by it."""

    @property
    def lane(self) -> str:
        """One of ``ctem``."""

    @property
    def kind(self) -> str:
        """What it reports, as in ``edge.wire``: decision, play, order and so on."""

    @property
    def created_at(self) -> datetime:
        """When it happened."""

    @property
    def expires_at(self) -> datetime:
        """When it is worth nothing any more."""

    @property
    def body(self) -> bytes:
        """The message, complete but for what only the outbox knows (epoch and seq)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the outbox."""

    place: int
    event_id: str
    lane: str
    seq: int  # counts up in its lane, for the life of this file
    created_at: datetime
    expires_at: datetime
    attempts: int
    is_whole: bool  # False: the disk changed its bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """How one lane stands."""

    waiting: int
    bytes: int
    dropped: int
    oldest_at: datetime | None


def waiting_of(lane: str, row: tuple[int, bytes, int, int, int, int, bytes]) -> Waiting:
    """Return the event in a row of the outbox; what the disk changed says so."""
    key, event_id, created_ms, expires_ms, attempts, crc, stored = row
    is_whole = zlib.crc32(stored) == crc
    return Waiting(
        place=key,
        event_id=from_row(event_id),
        lane=lane,
        seq=seq(key),
        created_at=from_ms(created_ms),
        expires_at=from_ms(expires_ms),
        attempts=attempts,
        is_whole=is_whole,
        body=grow(stored) if is_whole else stored,
    )
