"""What cannot be taken, kept until somebody looks: the table ``dead_letter``.

The same letter comes again when a worker was killed between this commit and its acknowledgement, so
it is known by its content. A device that sends nothing else may not fill the disk: of one device at
most ``MOST_OF_A_DEVICE`` are kept of each target. For the rest there is no room, and its device is not told that
central has it (ADR 0024): it keeps it and sends it again, ever more rarely. That it does is one row
for each device, ``dead_letter_untaken``.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from edge.central.bridge.reading import DeadLetter, Incoming
from edge.central.postgres import Connection, Cursor, storing

MOST_OF_A_DEVICE: Final = 1_000
_KNOWN: Final[LiteralString] = """
SELECT target, digest FROM dead_letter
WHERE (target, digest) IN (SELECT * FROM unnest(%s::text[], %s::bytea[]))
"""
_COUNT: Final[LiteralString] = """
SELECT target, tenant, device, count(*) FROM dead_letter
WHERE (tenant, device) IN (SELECT * FROM unnest(%s::text[], %s::text[])) GROUP BY 1, 2, 3
"""
_BURY: Final[LiteralString] = """
INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_UNTAKEN: Final[LiteralString] = """
INSERT INTO dead_letter_untaken AS u (tenant, device, times, first_at, last_at, why)
VALUES (%(tenant)s, %(device)s, %(times)s, %(at)s, %(at)s, %(why)s)
ON CONFLICT (tenant, device) DO UPDATE SET times = u.times + excluded.times,
  last_at = greatest(u.last_at, excluded.last_at), why = excluded.why
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


@dataclass(frozen=True, slots=True)
class Buried:
    """What became of some dead letters."""

    new: int = 0
    """Those that are kept now and were not before."""
    untaken: tuple[DeadLetter, ...] = ()
    """Those for which there was no room."""


def bury(cursor: Cursor, letters: Sequence[DeadLetter]) -> Buried:
    """Keep ``letters`` in the caller's transaction."""
    if not letters:
        return Buried()
    known, room = _known(cursor, letters), _room(cursor, letters)
    new, untaken = 0, []
    for letter in letters:
        key = letter.target, _digest(letter.incoming)
        sender = letter.target, letter.tenant, letter.device
        if key in known:
            continue
        if room[sender] <= 0:
            untaken.append(letter)
            continue
        cursor.execute(_BURY, _values(letter, key[1]))
        known.add(key)
        room[sender] -= 1
        new += cursor.rowcount
    _note_untaken(cursor, untaken)
    return Buried(new, tuple(untaken))


def _known(cursor: Cursor, letters: Sequence[DeadLetter]) -> set[tuple[str, bytes]]:
    keys = [(one.target, _digest(one.incoming)) for one in letters]
    cursor.execute(_KNOWN, [list(column) for column in zip(*keys, strict=True)])
    return {(target, bytes(digest)) for target, digest in cursor.fetchall()}


def _room(cursor: Cursor, letters: Sequence[DeadLetter]) -> dict[tuple[str, str, str], int]:
    # Each target by itself: a platform that refuses everything must not take the room of what a
    # device sends and nobody understands, which the device would have to keep then.
    room = {(one.target, one.tenant, one.device): MOST_OF_A_DEVICE for one in letters}
    senders = sorted({(tenant, device) for _, tenant, device in room})
    cursor.execute(_COUNT, [list(column) for column in zip(*senders, strict=True)])
    for target, tenant, device, count in cursor.fetchall():
        if (target, tenant, device) in room:
            room[target, tenant, device] -= int(count)
    return room


def _note_untaken(cursor: Cursor, untaken: Sequence[DeadLetter]) -> None:
    times = Counter((one.tenant, one.device) for one in untaken)
    last = {(one.tenant, one.device): one for one in untaken}
    for (tenant, device), count in sorted(times.items()):
        one = last[tenant, device]
        facts = {"tenant": tenant, "device": device, "at": one.at, "why": _plain(one.why)}
        cursor.execute(_UNTAKEN, facts | {"times": count})


def _values(letter: DeadLetter, digest: bytes) -> tuple[object, ...]:
    sent = letter.incoming
    return (
        *(letter.at, letter.target, letter.tenant, letter.device, _plain(sent.topic)),
        *(sent.encoding, _plain(letter.why), sent.payload, digest),
    )


def _plain(text: str) -> str:
    # PostgreSQL has no NUL in its texts; a topic or a message's complaint could hold one.
    return text.replace("\0", "?")[:500]


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
