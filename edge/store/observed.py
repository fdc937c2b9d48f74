"""Facts that somebody outside told us: weather, kitchen load. Each with when it came and from whom.

The store keeps the latest of each name; how old one may be is ``edge.context``'s to say.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.store.moment import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact; ``value`` is JSON."""

    name: str
    value: bytes
    source: str  # broker, till, kitchen, associate, demo
    received_at: datetime


class Observed:
    """The ``observed`` table. Every method runs inside the caller's transaction."""

    def set(self, con: sqlite3.Connection, observation: Observation) -> None:
        """Note a fact in place of the one before."""
        con.execute(
            "INSERT OR REPLACE INTO observed(name, value, source, received_ms) VALUES (?, ?, ?, ?)",
            (
                observation.name,
                observation.value,
                observation.source,
                to_ms(observation.received_at),
            ),
        )

    def all(self, con: sqlite3.Connection) -> Mapping[str, Observation]:
        """Return the latest of every fact, by name."""
        rows = con.execute("SELECT name, value, source, received_ms FROM observed")
        return {
            name: Observation(name, value, source, from_ms(received_ms))
            for name, value, source, received_ms in rows
        }
