"""PostgreSQL at central. The only module that imports psycopg.

Each area brings its own numbered steps (``Steps``); a step that shipped is never edited, the next
one is added. Connections are made where they are used and belong to one thread.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from edge.core.errors import StorageUnavailableError

Connection = psycopg.Connection[TupleRow]
Cursor = psycopg.Cursor[Any]

Refused: Final = (errors.DataError, errors.IntegrityError)
"""What the server says of values it does not take; it is there, and retrying cannot help."""

CONNECT_TIMEOUT_S: Final = 10
_LOCK: Final = 0x696E7374  # one migration at a time, whoever starts it


@dataclass(frozen=True, slots=True)
class Steps:
    """The schema of one area, step by step."""

    area: str
    steps: Sequence[LiteralString]


def connect(url: str, *, name: str = "instore-edge") -> Connection:
    """Return a connection; the caller commits.

    Args:
        url: ``postgresql://…`` or ``host=… dbname=…``.
        name: What the server's administrator sees.

    Raises:
        StorageUnavailableError: Nobody answers there.
    """
    try:
        return psycopg.connect(
            url,
            application_name=name,
            connect_timeout=CONNECT_TIMEOUT_S,
            options="-c timezone=UTC -c statement_timeout=60000",
        )
    except psycopg.Error as error:
        msg = f"wanted PostgreSQL, got: {str(error).strip()[:300]}; check --database and the server"
        raise StorageUnavailableError(msg) from error


@contextmanager
def storing() -> Iterator[None]:
    """Turn what psycopg raises when the server is away into our own error.

    Raises:
        StorageUnavailableError: The server went away, is starting, or has no room.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, errors.DiskFull) as error:
        msg = f"wanted PostgreSQL, got: {str(error).strip()[:300]}"
        raise StorageUnavailableError(msg) from error


def migrate(con: Connection, *areas: Steps) -> None:
    """Bring the tables of ``areas`` to their newest step, in one transaction each."""
    with con.transaction():
        con.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        con.execute(
            "CREATE TABLE IF NOT EXISTS schema_step("
            "area text NOT NULL, step int NOT NULL, at timestamptz NOT NULL DEFAULT now(), "
            "PRIMARY KEY (area, step))"
        )
        for area in areas:
            row = con.execute(
                "SELECT coalesce(max(step), 0) FROM schema_step WHERE area = %s", (area.area,)
            ).fetchone()
            done = int(row[0]) if row else 0
            for number, step in enumerate(area.steps[done:], start=done + 1):
                con.execute(step)
                con.execute(
                    "INSERT INTO schema_step(area, step) VALUES (%s, %s)", (area.area, number)
                )
