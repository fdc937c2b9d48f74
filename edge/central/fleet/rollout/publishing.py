"""Bringing decided documents out: into the repository, then the doorbell; again until it is done.

Whatever ends in between is done again, and does no harm then: the repository knows what it has,
and a doorbell rung twice is heard twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import orjson

from edge.central.fleet.rollout.rows import locked_line, save_line
from edge.central.fleet.rollout.state import Line
from edge.central.postgres import Cursor, connect, storing
from edge.core.clock import Clock
from edge.wire.rollout import RolloutDocument

log = logging.getLogger(__name__)
DEFAULT_RING: Final = "stable"


class Repository(Protocol):
    """What is needed of ``edge.central.fleet.releases``."""

    def rollout(self, name: str) -> RolloutDocument | None:
        """Return the document in force."""

    def publish_rollout(self, document: RolloutDocument) -> None:
        """Sign the document; refuse one whose version does not grow."""


Ring = Callable[[str, bytes], None]
"""Publishes retained on a ring's doorbell: ring, payload."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """Publishes what is open; several servers may do so at once."""

    database: str
    repository: Repository
    clock: Clock

    def publish_open(self) -> int:
        """Publish the newest open document of every package name; return how many were.

        Raises:
            UnavailableError: The database or the repository is away; the next call tries again.
        """
        done = 0
        with storing(), connect(self.database, name="instore-fleet") as con:
            names = con.execute(
                "SELECT DISTINCT name FROM rollout_document WHERE published_at IS NULL"
            ).fetchall()
            for (name,) in names:
                with con.transaction(), con.cursor() as cur:
                    done += self._publish(cur, name)
        return done

    def _publish(self, cur: Cursor, name: str) -> bool:
        # The lock is the name's own: another server that publishes it is waited for.
        cur.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"publish/{name}",))
        row = cur.execute(
            "SELECT body FROM rollout_document WHERE name = %s AND published_at IS NULL "
            "ORDER BY version DESC LIMIT 1",
            (name,),
        ).fetchone()
        if row is None:
            return False
        document = RolloutDocument.model_validate(row[0])
        current = self.repository.rollout(name)
        if current != document:
            document = self._above(cur, document, current)
            self.repository.publish_rollout(document)
            log.info("published rollout %s, document %s", name, document.version)
        # Older ones that were never out are not missed: this one says all that holds.
        cur.execute(
            "UPDATE rollout_document SET published_at = %s "
            "WHERE name = %s AND version <= %s AND published_at IS NULL",
            (self.clock(), name, document.version),
        )
        return True

    @staticmethod
    def _above(
        cur: Cursor, document: RolloutDocument, current: RolloutDocument | None
    ) -> RolloutDocument:
        # The database came back from a backup and does not know what was published since.
        if current is None or current.version < document.version:
            return document
        line = locked_line(cur, document.name)
        version = max(current.version, line.version) + 1
        line = line.model_copy(update={"version": version})
        document = document.model_copy(update={"version": version})
        log.warning("document %s was out already; publishing %s", current.version, version)
        save_line(cur, line, document)
        return document

    def ring_open(self, ring: Ring) -> int:
        """Ring every doorbell for what was published and not rung; return for how many names."""
        with storing(), connect(self.database, name="instore-fleet") as con:
            rows = con.execute(
                "SELECT DISTINCT ON (name) name, version, release_id FROM rollout_document "
                "WHERE published_at IS NOT NULL AND rung_at IS NULL ORDER BY name, version DESC"
            ).fetchall()
            rings = con.execute("SELECT DISTINCT ring FROM device WHERE ring <> ''").fetchall()
            for name, version, release_id in rows:
                word = {"release_id": release_id or name, "min_version": version}
                for where in {str(one) for (one,) in rings} or {DEFAULT_RING}:
                    ring(where, orjson.dumps(word))
                con.execute(
                    "UPDATE rollout_document SET rung_at = %s "
                    "WHERE name = %s AND version <= %s AND rung_at IS NULL",
                    (self.clock(), name, version),
                )
                con.commit()
        return len(rows)


def line_of(repository: Repository, name: str) -> Line:
    """Return the line of a package name as the repository has it."""
    document = repository.rollout(name)
    if document is None:
        return Line(name=name)
    return Line(
        name=name,
        version=document.version,
        stable=document.stable,
        halted=document.halted,
    )
