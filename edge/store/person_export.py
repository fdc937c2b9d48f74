"""Everything that is kept of a customer, row by row: what the right of access is owed.

Which columns belong to it says ``personal.toml``; which rows are theirs is said here. So a new
column of theirs is in the export without a line of code, and a new table makes a test fail.
"""

import base64
import dataclasses
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import orjson

from edge.identity.holders import Holder
from edge.identity.profile import Profile
from edge.store.moment import from_ms
from edge.store.personal import Columns, personal
from edge.store.readers import Readers
from edge.store.row_id import ID_BYTES, from_row

# Constants, joined once: nothing from outside is ever in a statement's text.
_RECORDS: Final = "SELECT record_id FROM consent_record WHERE subject_ref = :subject"
_DECISIONS: Final = f"SELECT decision_id FROM decision_basis WHERE record_id IN ({_RECORDS})"  # noqa: S608
_VISITS: Final = f"SELECT visit_id FROM decision WHERE id IN ({_DECISIONS})"  # noqa: S608
_ORDERS: Final = f"SELECT id FROM shop_order WHERE visit_id IN ({_VISITS})"  # noqa: S608
_ENGAGEMENTS: Final = f"SELECT id FROM engagement WHERE decision_id IN ({_DECISIONS})"  # noqa: S608
_EVENTS: Final = f"id IN ({_DECISIONS}) OR id IN ({_ENGAGEMENTS})"

ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "customer": "customer_id = :customer",
        "consent_record": "subject_ref = :subject",
        "consent_purpose": f"record_id IN ({_RECORDS})",
        "consent_event": f"record_id IN ({_RECORDS})",
        "audit_entry": "subject_ref = :subject",
        "decision_basis": f"record_id IN ({_RECORDS})",
        "decision": f"id IN ({_DECISIONS})",
        "engagement": f"decision_id IN ({_DECISIONS})",
        "shop_order": f"id IN ({_ORDERS})",
        "shop_order_line": f"order_id IN ({_ORDERS})",
        "outbox": _EVENTS,
        "dead_letter": _EVENTS,
    }
)
"""Table -> which of its rows are the customer's."""

_SECRET: Final = frozenset({"customer_id", "beacon_key", "day_keys"})
"""Of a holder: whoever found the export could pass for the customer."""
_FIRST_DAY: Final = date(1970, 1, 1)


class PersonExport:
    """Makes exports."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def of(self, holder: Holder, profile: Profile) -> Mapping[str, object]:
        """Return everything that is kept of a customer by table, ready for JSON.

        Args:
            holder: Their opened holder.
            profile: Their opened profile.
        """
        opened = {
            "holder_sealed": without_secrets(holder),
            "profile_sealed": orjson.loads(orjson.dumps(profile, default=_plain)),
        }
        whose = {"customer": holder.customer_id, "subject": holder.subject_ref}
        with self._readers.connection() as con:
            return {
                table: _rows(con, table, whose, opened)
                for table, columns in personal("edge").items()
                if table in ROWS and any(_is_exported(columns, name) for name in columns)
            }


def without_secrets(holder: Holder) -> Mapping[str, object]:
    """Return a holder's facts; of keys only that they are there, and for which days."""
    plain = {
        field.name: getattr(holder, field.name)
        for field in dataclasses.fields(holder)
        if field.name not in _SECRET
    }
    plain["beacon_key"] = "kept" if holder.beacon_key else "not kept"
    plain["day_keys"] = [_day(day) for day in sorted(holder.day_keys)]
    found: dict[str, object] = orjson.loads(orjson.dumps(plain, default=_plain))
    return found


def _rows(
    con: sqlite3.Connection,
    table: str,
    whose: Mapping[str, object],
    opened: Mapping[str, object],
) -> list[Mapping[str, object]]:
    columns = personal("edge")[table]
    names = [name for name in columns if _is_exported(columns, name)]
    # Table and columns come from personal.toml, never from outside.
    found = con.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE {ROWS[table]}",  # noqa: S608 - see above
        whose,
    )
    return [
        {name: opened.get(name, shown(name, value)) for name, value in zip(names, row, strict=True)}
        for row in found.fetchall()
    ]


def shown(column: str, value: Any) -> object:  # noqa: ANN401 - whatever SQLite keeps
    """Return a column's value as a person or a program elsewhere can read it."""
    if value is None:
        return None
    for ending, read in _READ.items():
        if column.endswith(ending):
            return read(value)
    if not isinstance(value, bytes):
        return value
    if len(value) == ID_BYTES and column.endswith("id"):
        return from_row(value)
    try:
        parsed: object = orjson.loads(value)
    except orjson.JSONDecodeError:
        return base64.b64encode(value).decode()
    return parsed


def _is_exported(columns: Columns, name: str) -> bool:
    rule = columns[name]
    return rule is not None and rule.is_exported


def _day(day: int) -> str:
    return (_FIRST_DAY + timedelta(days=day)).isoformat()


_READ: Final[Mapping[str, Callable[[int], str]]] = MappingProxyType(
    {
        "taken_ms": lambda ms: from_ms(ms).isoformat(),
        "created_ms": lambda ms: from_ms(ms).isoformat(),
        "at_ms": lambda ms: from_ms(ms).isoformat(),
        "seen_day": _day,
    }
)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError
