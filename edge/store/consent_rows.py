"""What customers said about consent, as rows: columns in one order, moments as text.

Moments are ISO 8601 in UTC with microseconds, so that text sorts like time and nothing is lost.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from edge.identity.consent import DPV, ConsentEvent, Notice, Purpose
from edge.identity.terms import PurposeTerms
from edge.store.chain import Value

EVENT: Final = (
    "event_id",
    "record_id",
    "purpose_id",
    "state",
    "at",
    "at_source",
    "method",
    "notice_id",
    "notice_version",
    "notice_language",
    "notice_sha256",
    "ui_sha256",
    "actor",
    "age_assertion",
    "valid_until",
    "withdrawal_method",
    "knows",
)
RECORD: Final = (
    "record_id",
    "schema_version",
    "subject_ref",
    "controller_json",
    "jurisdiction",
    "language",
    "created_at",
    "site_id",
    "device_id",
)
PURPOSE: Final = (
    "record_id",
    "purpose_id",
    "description",
    "lawful_basis",
    "data_categories",
    "sources",
    "recipients",
    "transfers",
    "storage_location",
    "retention_days",
    "profiling",
    "automated_decision",
    "biometric",
    "sensitive",
)
_LINK: Final = ("n", "prev", "hmac", "device_sig")
_PURPOSES: Final[Mapping[str, Purpose]] = MappingProxyType({DPV[p]: p for p in Purpose})

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it is kept, with its record and its terms: what its hash covers."""

    n: int
    prev: bytes
    hmac: bytes
    device_sig: bytes
    event: Mapping[str, Any]
    record: Mapping[str, Any]
    purpose: Mapping[str, Any]

    @property
    def said(self) -> tuple[Value, ...]:
        """Everything that is signed, in one order."""
        return (*self.event.values(), *self.record.values(), *self.purpose.values())


def to_text(at: datetime) -> str:
    """Return the aware moment ``at`` as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Return names as a JSON list."""
    return json.dumps(names, ensure_ascii=False)


def purpose_row(record_id: str, terms: PurposeTerms) -> Row:
    """Return the row of one purpose's terms, in the order of ``PURPOSE``."""
    return (
        record_id,
        terms.dpv,
        terms.description,
        "consent",
        listed(terms.data_categories),
        listed(terms.sources),
        listed(terms.recipients),
        listed(terms.transfers),
        terms.storage_location,
        terms.retention_days,
        int(terms.profiling),
        0,  # nothing here decides about anybody by itself,
        0,  # is biometric
        0,  # or sensitive
    )


def insert(con: sqlite3.Connection, table: str, columns: tuple[str, ...], row: Row) -> None:
    """Add a row."""
    marks = ", ".join("?" * len(row))
    con.execute(
        f"INSERT INTO {table}({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - constants
        row,
    )


def kept(con: sqlite3.Connection, where: str = "", values: Row = ()) -> Iterator[Kept]:
    """Yield events in the order they were kept, each with its record and its terms.

    Where one of these is gone, its columns are None, and the event's hash no longer fits.
    """
    columns = [f"e.{name}" for name in (*_LINK, *EVENT)]
    columns += [f"r.{name}" for name in RECORD] + [f"p.{name}" for name in PURPOSE]
    rows = con.execute(
        f"SELECT {', '.join(columns)} FROM consent_event e"  # noqa: S608 - constants
        " LEFT JOIN consent_record r ON r.record_id = e.record_id"
        " LEFT JOIN consent_purpose p"
        " ON p.record_id = e.record_id AND p.purpose_id = e.purpose_id"
        f" {where} ORDER BY e.n",
        values,
    )
    for row in rows:
        at = len(_LINK)
        parts = []
        for names in (EVENT, RECORD, PURPOSE):
            parts.append(dict(zip(names, row[at : at + len(names)], strict=True)))
            at += len(names)
        yield Kept(*row[: len(_LINK)], *parts)


def event_of(one: Kept) -> ConsentEvent:
    """Return the event of a row."""
    row = one.event
    until = row["valid_until"]
    return ConsentEvent(
        event_id=row["event_id"],
        record_id=row["record_id"],
        purpose=_PURPOSES[row["purpose_id"]],
        state=row["state"],
        at=datetime.fromisoformat(row["at"]),
        method=row["method"],
        notice=Notice(
            row["notice_id"],
            row["notice_version"],
            row["notice_sha256"],
            row["ui_sha256"],
            row["notice_language"],
        ),
        valid_until=None if until is None else datetime.fromisoformat(until),
        knows=frozenset(json.loads(row["knows"])),
    )
