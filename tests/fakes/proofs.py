"""Consent and audit on a small database of their own, with the device's real keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.consent import VALID_FOR, ConsentEvent, Notice, Purpose, State
from edge.identity.terms import TERMS
from edge.store import schema
from edge.store.audit import Audit
from edge.store.consents import Consents, NewConsent
from edge.store.database import open_writer
from edge.store.keys import KeyFile
from edge.store.readers import Readers
from edge.store.writer import Writer
from tests.fakes.recorded import NOON, new_id

NOTICE = Notice("phone", "1.0", b"t" * 32, b"p" * 32, "en")
ALICE = "alice-ref"
CONTROLLER = {"name": "Harbour Kitchen", "address": "1 Quay", "contact": "ask@shop.example"}


@dataclass(frozen=True, slots=True)
class Proofs:
    """What proves things, and the file it is in."""

    folder: Path
    clock: SettableClock
    keys: KeyFile
    writer: Writer
    readers: Readers
    consents: Consents
    audit: Audit

    @property
    def path(self) -> Path:
        """The database file."""
        return self.folder / "edge.db"

    def say(self, consent: NewConsent) -> None:
        """Append what a customer said, as the store does."""
        work = self.writer.submit(lambda con: self.consents.append(con, consent), alone=True)
        self.consents.settled(work).result(5)


@contextmanager
def proofs(folder: Path) -> Iterator[Proofs]:
    """Open a database with its keys; what it holds stays for the next time."""
    clock = SettableClock(NOON)
    path = folder / "edge.db"
    con = open_writer(path, max_bytes=1 << 30)
    schema.migrate(con)
    keys = KeyFile.open(folder, clock=clock, chance=system_chance)
    writer, readers = Writer(lambda: open_writer(path, max_bytes=1 << 30)), Readers(path)
    writer.start(con)
    try:
        yield Proofs(
            folder,
            clock,
            keys,
            writer,
            readers,
            Consents(keys, readers, clock),
            Audit(keys, writer, readers, clock),
        )
    finally:
        readers.close()
        writer.close()
        keys.close()


def said(
    state: State,
    record: str,
    *,
    at: datetime = NOON,
    purpose: Purpose = Purpose.TASTES,
    event_id: str = "",
) -> ConsentEvent:
    """Return something that was said."""
    return ConsentEvent(
        event_id=event_id or new_id(),
        record_id=record,
        purpose=purpose,
        state=state,
        at=at,
        method="app_toggle",
        notice=NOTICE,
        valid_until=at + VALID_FOR if state in ("given", "renewed") else None,
    )


def consent(
    events: Sequence[ConsentEvent], *, subject: str = ALICE, source: str = "ntp"
) -> NewConsent:
    """Return what a customer said just now, with the terms of what is given."""
    given = {event.purpose for event in events if event.state == "given" or source == "signed"}
    return NewConsent(
        subject_ref=subject,
        controller=CONTROLLER,
        jurisdiction="GB",
        language="en",
        purposes=tuple(TERMS[purpose] for purpose in Purpose if purpose in given),
        events=tuple(events),
        actor="subject",
        age_assertion="over_threshold",
        at_source=source,
        site_id="harbour-kitchen",
        device_id="edge-1",
    )
