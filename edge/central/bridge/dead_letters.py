"""What cannot be taken, kept until somebody looks: the table ``dead_letter``.

The same letter comes again when a worker was killed between this commit and its acknowledgement, so
it is known by its content. A device that sends nothing else may not fill the disk: of one device at
most ``MOST_OF_A_DEVICE`` are kept, and the rest is counted.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from edge.central.bridge.reading import DeadLetter, Incoming
from edge.central.postgres import Connection, Cursor, storing

MOST_OF_A_DEVICE: Final = 1_000
_BURY: Final[LiteralString] = """
INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s
WHERE (SELECT count(*) FROM dead_letter WHERE tenant = %s AND device = %s) < %s
ON CONFLICT DO NOTHING
"""
_LIST: Final[LiteralString] = """
SELECT letter_id, topic, payload, encoding, tenant, device, why, at, target
FROM dead_letter
WHERE letter_id = coalesce(%s, letter_id) AND device = coalesce(%s, device)
ORDER BY letter_id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter in the table, under its number."""

    number: int
    letter: DeadLetter

    @property
    def size_bytes(self) -> int:
        """Return how large it is."""
        return len(self.letter.incoming.payload)


def bury(cursor: Cursor, letters: Sequence[DeadLetter]) -> int:
    """Keep ``letters`` in the caller's transaction; return how many are new and were kept."""
    kept = 0
    for letter in letters:
        sent = letter.incoming
        # PostgreSQL has no NUL in its texts; a topic or a message's complaint could hold one.
        topic, why = (text.replace("\0", "?") for text in (sent.topic, letter.why))
        cursor.execute(
            _BURY,
            (
                *(letter.at, letter.target, letter.tenant, letter.device, topic, sent.encoding),
                *(why[:500], sent.payload, _digest(sent)),
                *(letter.tenant, letter.device, MOST_OF_A_DEVICE),
            ),
        )
        kept += cursor.rowcount
    return kept


def letters(con: Connection, device: str | None = None, limit: int = 100) -> list[Kept]:
    """Return the newest dead letters, of all devices or of one."""
    with storing(), con.transaction():
        return list(_kept(con.execute(_LIST, (None, device, limit))))


def letter(con: Connection, number: int) -> Kept | None:
    """Return the dead letter with ``number``."""
    with storing(), con.transaction():
        return next(_kept(con.execute(_LIST, (number, None, 1))), None)


def drop(con: Connection, numbers: Sequence[int]) -> int:
    """Forget dead letters and return how many there were."""
    with storing(), con.transaction():
        done = con.execute("DELETE FROM dead_letter WHERE letter_id = ANY(%s)", (list(numbers),))
        return done.rowcount


def _digest(sent: Incoming) -> bytes:
    parts = (sent.topic.encode(), sent.encoding.encode(), sent.payload)
    return hashlib.sha256(b"\0".join(parts)).digest()


def _kept(rows: Cursor) -> Iterator[Kept]:
    for number, topic, payload, encoding, tenant, device, why, at, target in rows.fetchall():
        incoming = Incoming(topic, bytes(payload), encoding)
        yield Kept(number, DeadLetter(incoming, tenant, device, why, at, target))
