"""What a customer said just now, and the rows it is kept as."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.core.errors import ContractError
from edge.identity.consent import DPV, ConsentEvent
from edge.identity.terms import PurposeTerms
from edge.store.consent_rows import PURPOSE, RECORD, Row, insert, listed, purpose_row, to_text

SCHEMA_VERSION: Final = "27560:2023/edge-1"


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What a customer said just now, to be kept: events of one or more records.

    ``purposes`` are the terms of what is given here for the first time; events of a record that is
    kept already need none.
    """

    subject_ref: str = field(repr=False)
    controller: Mapping[str, object]
    jurisdiction: str
    language: str
    purposes: tuple[PurposeTerms, ...]
    events: tuple[ConsentEvent, ...]
    actor: str  # subject, guardian, associate:<id>
    age_assertion: Literal["over_threshold", "guardian_verified", "unknown_refused"]
    at_source: str  # ntp, rtc, none (no clock to trust); signed: said elsewhere, told by central
    site_id: str = ""
    device_id: str = ""
    withdrawal_method: str = "My data, on the customer's phone: one switch, or erase"

    @property
    def is_from_here(self) -> bool:
        """Whether it was said on this device, so that it knew of what is kept here."""
        return self.at_source != "signed"


def event_row(consent: NewConsent, event: ConsentEvent) -> Row:
    """Return the event's row, in the order of ``EVENT``."""
    notice = event.notice
    return (
        event.event_id,
        event.record_id,
        DPV[event.purpose],
        event.state,
        to_text(event.at),
        consent.at_source,
        event.method,
        notice.notice_id,
        notice.version,
        notice.language,
        notice.text_sha256,
        notice.ui_sha256,
        consent.actor,
        consent.age_assertion,
        None if event.valid_until is None else to_text(event.valid_until),
        consent.withdrawal_method,
        listed(sorted(event.knows)),
    )


def record_row(con: sqlite3.Connection, consent: NewConsent, event: ConsentEvent) -> Row:
    """Return the record's row, made if this is its first event."""
    columns = RECORD
    found = _row(con, "consent_record", columns, (event.record_id,))
    if found is None:
        found = (
            event.record_id,
            SCHEMA_VERSION,
            consent.subject_ref,
            json.dumps(consent.controller, ensure_ascii=False, sort_keys=True),
            consent.jurisdiction,
            consent.language,
            to_text(event.at),
            consent.site_id,
            consent.device_id,
        )
        insert(con, "consent_record", columns, found)
    if found[columns.index("subject_ref")] != consent.subject_ref:
        msg = f"wanted a consent record of this customer, got another's: {event.record_id}"
        raise ContractError(msg)
    return found


def terms_row(con: sqlite3.Connection, consent: NewConsent, event: ConsentEvent) -> Row:
    """Return the row of the event's terms, made if this is the first event of its purpose."""
    columns = PURPOSE
    found = _row(con, "consent_purpose", columns, (event.record_id, DPV[event.purpose]))
    if found is not None:
        return found
    terms = next((t for t in consent.purposes if t.purpose is event.purpose), None)
    if terms is None:
        msg = (
            f"wanted the terms of {event.purpose.value}, which record {event.record_id} does not "
            "have yet; give them with the first event"
        )
        raise ContractError(msg)
    made = purpose_row(event.record_id, terms)
    insert(con, "consent_purpose", columns, made)
    return made


def _row(
    con: sqlite3.Connection, table: str, columns: tuple[str, ...], key: tuple[str, ...]
) -> Row | None:
    where = " AND ".join(f"{name} = ?" for name in columns[: len(key)])
    found: Row | None = con.execute(
        f"SELECT {', '.join(columns)} FROM {table} WHERE {where}",  # noqa: S608 - constants
        key,
    ).fetchone()
    return found
