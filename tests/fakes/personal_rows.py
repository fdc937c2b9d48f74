"""What lies in a data folder about customers, table by table, as ``edge/store/personal.toml`` says.

Read from the files themselves, beside the service: what the service would not show is counted too.
"""

import shutil
import sqlite3
import tempfile
import tomllib
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

EVERYBODYS: Final = frozenset({"decision", "order", "waiting"})
"""Rules of rows that guests leave as well; what links one to a person lies in other tables."""
STAFFS_TOO: Final = frozenset({"audit"})
"""Rules of rows that are also about the team; a customer is in them only by reference."""


@cache
def _linking() -> dict[tuple[str, str], str]:
    """Return (database, table) -> which of its rows are a customer's."""
    read = tomllib.loads(files("edge.store").joinpath("personal.toml").read_text("utf-8"))
    rules = {name for name, rule in read.pop("rules").items() if rule["whose"] == "customer"}
    found: dict[tuple[str, str], str] = {}
    for database, tables in read.items():
        for table, columns in tables.items():
            of = set(columns.values()) & rules - EVERYBODYS
            if of:
                rest = "subject_ref IS NOT NULL" if of <= STAFFS_TOO else "true"
                found[database, table] = rest
    return found


def rows_of_customers(data: Path) -> dict[str, int]:
    """Return "database.table" -> how many of its rows are a customer's."""
    with tempfile.TemporaryDirectory() as name:
        # The service keeps its keys locked against everybody, so a copy is read.
        for path in data.glob("*.db*"):
            shutil.copy(path, name)
        return {
            f"{database}.{table}": _count(Path(name) / f"{database}.db", table, which)
            for (database, table), which in _linking().items()
        }


def _count(path: Path, table: str, which: str) -> int:
    with closing(sqlite3.connect(path)) as con:
        return int(con.execute(f"SELECT count(*) FROM {table} WHERE {which}").fetchone()[0])
