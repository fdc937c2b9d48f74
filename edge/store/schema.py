"""Every change that was ever made to the tables, in order (``steps/``), and how a file gets them.

A step that shipped is never edited; the next one is added. Every table is STRICT, because
SQLite otherwise keeps text in a number's column without a word.
"""

import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from edge.core.errors import StorageUnavailableError
from edge.store.steps.fleet import FLEET
from edge.store.steps.forgotten import FORGOTTEN
from edge.store.steps.learner import LEARNER
from edge.store.steps.people import PEOPLE
from edge.store.steps.proofs import PROOFS
from edge.store.steps.shop import SHOP

if TYPE_CHECKING:
    from sqlite_utils import Database

STEPS: Final = (SHOP, PEOPLE, PROOFS, FORGOTTEN, FLEET, LEARNER)


def migrate(con: sqlite3.Connection) -> None:
    """Bring the file behind ``con`` to the newest schema; does nothing when it is there.

    Each step and the record of it are one transaction, so a power cut leaves it done or not done.

    Raises:
        StorageUnavailableError: The file was written by a newer version of the appliance.
    """
    (done,) = con.execute("PRAGMA user_version").fetchone()
    if done == len(STEPS):
        return
    if done > len(STEPS):
        msg = (
            f"wanted a database of schema {len(STEPS)} or older, got {done}; "
            "install the newer version again, or move the data folder aside"
        )
        raise StorageUnavailableError(msg)
    # Imported only when a file is new or old: it costs a sixth of a second at every start.
    from sqlite_utils import Database, Migrations  # noqa: PLC0415

    steps = Migrations("edge")
    for number, script in enumerate(STEPS, start=1):
        steps(name=f"{number:04}")(_step(number, script))
    steps.apply(Database(con, execute_plugins=False))


def _step(number: int, script: str) -> Callable[["Database"], None]:
    def apply(db: "Database") -> None:
        for statement in _statements(script):
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {number}")

    return apply


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit first, and so end the step's transaction.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
