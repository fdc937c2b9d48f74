"""What customers said about consent: records that only grow, chained, and signed by the device.

The shape is that of ISO/IEC TS 27560:2023: a record (header and party), the terms of each purpose
(processing), and events. The hash of an event covers its record and its terms too, so that
neither can be rewritten behind it. Nothing is kept of somebody who only refused.

Source: security.md, "Consent record"; decided.md 36.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Final, Protocol, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.core.clock import Clock
from edge.core.errors import ContractError
from edge.identity.consent import HOLDS, ConsentEvent
from edge.identity.consent_merge import knowing
from edge.store import consent_rows, facts
from edge.store.after import after
from edge.store.chain import Head, Link, canonical, runs
from edge.store.chain_keys import ChainKeys, chain_of
from edge.store.consent_receipt import Signer, receipt
from edge.store.consent_rows import Kept, event_of, kept, to_text
from edge.store.new_consent import NewConsent, event_row, record_row, terms_row
from edge.store.readers import Readers

__all__ = ["Consents", "NewConsent"]

NAME: Final = "consent"
REFUSED: Final = "consent_refused"
"""Counts refusals, of nobody (``file_fact``)."""

_SIGNED: Final = b"instore consent event 1"

T = TypeVar("T")


class ConsentKeys(ChainKeys, Signer, Protocol):
    """What of ``edge.store.keys.KeyFile`` consent needs."""


class Consents:
    """The consent records of a store. Safe to use from every thread."""

    def __init__(self, keys: ConsentKeys, readers: Readers, clock: Clock) -> None:
        self._keys = keys
        self._chain = chain_of(keys, NAME)
        self._readers = readers
        self._clock = clock

    def append(self, con: sqlite3.Connection, consent: NewConsent) -> None:
        """Keep what was said, inside the caller's transaction; see ``settled`` for the rest.

        What was told by central and is kept already is left out; refusals are only counted.

        Raises:
            ContractError: It contradicts what is kept: another customer's record, an event of that
                id, consent given again in a record that was withdrawn.
        """
        before = _events(con, consent.subject_ref)
        ids = {event.event_id for event in before}
        said = [event for event in consent.events if event.state != "refused"]
        if consent.is_from_here:
            for _ in range(len(consent.events) - len(said)):
                facts.count_up(con, REFUSED)
            said = list(knowing(said, before))
            _refuse_after_withdrawal(said, before)
        else:
            said = [event for event in said if event.event_id not in ids]
        for event in said:
            self._keep(con, consent, event)

    def settled(self, commit: "Future[T]") -> "Future[T]":
        """Return the future of a commit that appended, answered once the head is kept outside.

        Without it the last events are bound to the ones before, but could be cut off unseen until
        the next call.
        """

        def settle(result: T) -> T:
            self.settle()
            return result

        return after(commit, settle)

    def settle(self) -> None:
        """Keep the head of what is committed outside; also to be called now and then."""
        with self._readers.connection() as con:
            last = _last(con)
        if last is not None:
            self._chain.keep(last)

    def events(self, subject_ref: str) -> Sequence[ConsentEvent]:
        """Return what the customer said, in the order it was kept."""
        with self._readers.connection() as con:
            return _events(con, subject_ref)

    def events_in(self, con: sqlite3.Connection, subject_ref: str) -> Sequence[ConsentEvent]:
        """Return the same inside the caller's transaction."""
        return _events(con, subject_ref)

    def receipt(self, subject_ref: str) -> Mapping[str, object]:
        """Return the customer's receipt: everything that is kept, signed by the device.

        ``edge.store.consent_receipt.verify_receipt`` tells anybody whether it is genuine.
        """
        with self._readers.connection() as con:
            found = list(kept(con, "WHERE r.subject_ref = ?", (subject_ref,)))
        return receipt(found, self._keys, self._clock())

    def verify(self) -> list[str]:
        """Return what is wrong with the records, one sentence each; nothing when all is whole."""
        public = Ed25519PublicKey.from_public_bytes(self._keys.public_key)
        with self._readers.connection() as con:
            forged: list[str] = []
            links = (_checked(one, public, forged) for one in kept(con))
            found = list(self._chain.breaches(con, links))
            return [*found, *forged, *_orphans(con)]

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` records that ended before ``at``; return how many.

        A record ends with what ended the last of its purposes. Its events go through recorded
        cuts; a record of which one event was changed stays for ``verify``.
        """
        gone = 0
        for record_id in _ended(con, at, limit):
            links = [_link(one) for one in kept(con, "WHERE e.record_id = ?", (record_id,))]
            if not all(self._chain.is_own(link) for link in links):
                continue
            for run in runs(links):
                self._chain.cut(con, run[0], run[-1], self._clock())
            con.execute("DELETE FROM consent_event WHERE record_id = ?", (record_id,))
            con.execute("DELETE FROM consent_purpose WHERE record_id = ?", (record_id,))
            con.execute("DELETE FROM consent_record WHERE record_id = ?", (record_id,))
            gone += 1
        return gone

    def _keep(self, con: sqlite3.Connection, consent: NewConsent, event: ConsentEvent) -> None:
        record, terms = record_row(con, consent, event), terms_row(con, consent, event)
        row = event_row(consent, event)
        content = canonical(*row, *record, *terms)
        signature = self._keys.sign(_SIGNED + content)
        link = self._chain.next(_last(con), content + canonical(signature))
        consent_rows.insert(
            con,
            "consent_event",
            ("n", "prev", "hmac", "device_sig", *consent_rows.EVENT),
            (link.n, link.prev, link.mac, signature, *row),
        )


def _events(con: sqlite3.Connection, subject_ref: str) -> list[ConsentEvent]:
    return [event_of(one) for one in kept(con, "WHERE r.subject_ref = ?", (subject_ref,))]


def _last(con: sqlite3.Connection) -> Head | None:
    row = con.execute("SELECT n, hmac FROM consent_event ORDER BY n DESC LIMIT 1").fetchone()
    return None if row is None else Head(*row)


def _refuse_after_withdrawal(said: Iterable[ConsentEvent], before: Iterable[ConsentEvent]) -> None:
    over = {(e.record_id, e.purpose) for e in before if e.state == "withdrawn"}
    for event in said:
        if event.state == "withdrawn":
            over.add((event.record_id, event.purpose))
        elif event.state in HOLDS and (event.record_id, event.purpose) in over:
            msg = (
                f"wanted a new record for {event.purpose.value}, which was withdrawn in "
                f"{event.record_id}, got that record"
            )
            raise ContractError(msg)


def _link(one: Kept) -> Link:
    return Link(one.n, one.prev, one.hmac, canonical(*one.said) + canonical(one.device_sig))


def _checked(one: Kept, public: Ed25519PublicKey, forged: list[str]) -> Link:
    try:
        public.verify(one.device_sig, _SIGNED + canonical(*one.said))
    except InvalidSignature:
        forged.append(f"entry {one.n} is not signed by this device")
    return _link(one)


def _orphans(con: sqlite3.Connection) -> list[str]:
    """Return what lies there that nobody said anything about."""
    rows = con.execute(
        "SELECT 'terms', record_id || ' ' || purpose_id FROM consent_purpose p WHERE NOT EXISTS"
        " (SELECT 1 FROM consent_event e WHERE e.record_id = p.record_id"
        "  AND e.purpose_id = p.purpose_id)"
        " UNION ALL SELECT 'record', record_id FROM consent_record r WHERE NOT EXISTS"
        " (SELECT 1 FROM consent_event e WHERE e.record_id = r.record_id)"
    )
    return [f"{kind} {name} stands without anything that was said" for kind, name in rows]


def _ended(con: sqlite3.Connection, at: datetime, limit: int) -> list[str]:
    rows = con.execute(
        "SELECT record_id FROM consent_event e WHERE n = (SELECT max(n) FROM consent_event l"
        "  WHERE l.record_id = e.record_id AND l.purpose_id = e.purpose_id)"
        " GROUP BY record_id HAVING max(CASE WHEN state IN ('given', 'renewed') THEN"
        "  coalesce(valid_until, strftime('%Y-%m-%dT%H:%M:%f', at, '+396 days')) ELSE at END) < ?"
        " LIMIT ?",
        (to_text(at), limit),
    )
    return [record_id for (record_id,) in rows]
