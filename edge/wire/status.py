"""The retained word on whether a device is there: its birth document and its will.

``conn_seq`` counts connections, because an old will may arrive after a new birth; whoever reads
ignores an "offline" whose number is below the latest "online".
"""

from dataclasses import dataclass
from datetime import datetime

import orjson

from edge.wire.cloudevents import rfc3339


@dataclass(frozen=True, slots=True)
class Birth:
    """What a device says of itself when it connects."""

    site: str
    device: str
    version: str
    sqlite_version: str
    epoch: str


def online(birth: Birth, conn_seq: int, at: datetime) -> bytes:
    """Return the birth document."""
    return orjson.dumps(
        {
            "status": "online",
            "conn_seq": conn_seq,
            "at": rfc3339(at),
            "site": birth.site,
            "device": birth.device,
            "version": birth.version,
            "sqlite_version": birth.sqlite_version,
            "epoch": birth.epoch,
        }
    )


def offline(conn_seq: int, why: str) -> bytes:
    """Return the will (``why`` = lost), or a goodbye (``why`` = stopped)."""
    return orjson.dumps({"status": "offline", "conn_seq": conn_seq, "why": why})
