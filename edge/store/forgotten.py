"""Who was erased here, so that an older word from elsewhere does not bring them back.

A mark is a keyed hash of the pseudonym: it names nobody, and only tells, when central names
somebody, that they were erased. Beside it lie keyed hashes of what they withdrew, by purpose. Consent
that central reports holds again only if it was given knowing of every withdrawal of its purpose;
where there was none, only if it was given later.

Source: security.md, "withdrawal wins regardless of clock"; P9.
"""

import hmac
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from edge.identity.consent import VALID_FOR, ConsentEvent, Purpose
from edge.store.keys import KeyFile
from edge.store.moment import from_ms, to_ms

KEPT: Final = VALID_FOR
"""No consent of before is in force any longer then."""
_LABEL: Final = "forgotten-hmac"
_DIGEST_BYTES: Final = 16
"""The last one of a withdrawal's says of which purpose."""
_PURPOSES: Final = tuple(Purpose)


@dataclass(frozen=True, slots=True)
class Erasure:
    """That somebody was erased, and the hashes of what they withdrew."""

    at: datetime
    withdrawn: frozenset[bytes] = field(repr=False)


class Forgotten:
    """The marks of those who were erased."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    def note(
        self,
        con: sqlite3.Connection,
        pseudonym: bytes,
        withdrawals: Iterable[ConsentEvent],
        at: datetime,
    ) -> None:
        """Mark somebody as erased, inside the caller's transaction."""
        digests = sorted({self._withdrawal(event.event_id, event.purpose) for event in withdrawals})
        con.execute(
            "INSERT INTO forgotten(mark, erased_ms, withdrawn) VALUES (?, ?, ?)"
            " ON CONFLICT (mark) DO UPDATE SET erased_ms = excluded.erased_ms,"
            " withdrawn = excluded.withdrawn",
            (self._mark(pseudonym), to_ms(at), b"".join(digests)),
        )

    def of(self, con: sqlite3.Connection, pseudonym: bytes) -> Erasure | None:
        """Return when they were erased here, or None."""
        row = con.execute(
            "SELECT erased_ms, withdrawn FROM forgotten WHERE mark = ?", (self._mark(pseudonym),)
        ).fetchone()
        if row is None:
            return None
        joined = bytes(row[1])
        digests = (joined[n : n + _DIGEST_BYTES] for n in range(0, len(joined), _DIGEST_BYTES))
        return Erasure(from_ms(row[0]), frozenset(digests))

    def still_said(
        self, erasure: Erasure, said: Iterable[ConsentEvent]
    ) -> tuple[ConsentEvent, ...]:
        """Return what of ``said`` holds after the erasure: what knew of it, and what only ends."""
        return tuple(
            event
            for event in said
            if event.state not in {"given", "renewed"} or self._knew(erasure, event)
        )

    def clear(self, con: sqlite3.Connection, pseudonym: bytes) -> None:
        """Take the mark away: they came back of their own will."""
        con.execute("DELETE FROM forgotten WHERE mark = ?", (self._mark(pseudonym),))

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete marks of before ``at``, at most ``limit``; return how many."""
        return con.execute(
            "DELETE FROM forgotten WHERE mark IN"
            " (SELECT mark FROM forgotten WHERE erased_ms < ? LIMIT ?)",
            (to_ms(at), limit),
        ).rowcount

    def _knew(self, erasure: Erasure, event: ConsentEvent) -> bool:
        number = _PURPOSES.index(event.purpose)
        withdrawn = {one for one in erasure.withdrawn if one[-1] == number}
        if not withdrawn:  # then only the time can tell
            return event.at > erasure.at + timedelta(minutes=5)
        return withdrawn <= {self._withdrawal(each, event.purpose) for each in event.knows}

    def _withdrawal(self, event_id: str, purpose: Purpose) -> bytes:
        return self._digest(event_id.encode())[:-1] + bytes([_PURPOSES.index(purpose)])

    def _mark(self, pseudonym: bytes) -> bytes:
        return self._digest(b"pseudonym" + pseudonym)

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._keys.derive(_LABEL), text, "sha256")[:_DIGEST_BYTES]
