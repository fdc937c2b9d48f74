"""Entries bound to one another, so that a change, a removal or a cut end is found.

Each entry carries a keyed hash (HMAC-SHA256) of its number, of what it says and of the hash of the
entry before it. Who does not have the key cannot change an entry, take one out, swap two or add
one. Taking entries off the end leaves a chain that is whole but too short: so its head, number
and hash, is also kept in another file (``Heads``) after every commit, before anybody is told.

Retention takes old entries out through a *cut*, which is sealed with the same key: that is how
forgetting in time differs from hiding something.
"""

import hmac
import sqlite3
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from edge.store.moment import to_ms

Mac = Callable[[bytes], bytes]
"""A keyed hash of 32 bytes."""

Value = str | int | bytes | None

MAC_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries it ever had, and the hash of the last one."""

    n: int
    mac: bytes


START: Final = Head(0, bytes(MAC_BYTES))


class Heads(Protocol):
    """Where heads are kept, apart from the file that holds the chains."""

    def kept(self, chain: str) -> Head:
        """Return the head that was kept last; ``START`` before the first."""
        ...

    def keep(self, chain: str, head: Head) -> None:
        """Keep the head, durably."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the chain sees it: ``content`` is everything it says, as bytes."""

    n: int
    prev: bytes
    mac: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class _Cut:
    first: int
    through: Head
    prev: bytes
    is_sealed: bool


def keyed(key: bytes) -> Mac:
    """Return the keyed hash for a chain, from a key that is used for nothing else."""
    return lambda message: hmac.digest(key, message, "sha256")


def canonical(*values: Value) -> bytes:
    """Return values as bytes that no other values have: each with its kind and length."""
    return b"".join(_one(value) for value in values)


def runs(links: Iterable[Link]) -> Iterator[list[Link]]:
    """Yield ``links`` in runs of which each entry follows the one before it.

    A cut covers one run, so that it never closes a gap that somebody else made.
    """
    run: list[Link] = []
    for link in links:
        if run and (link.n != run[-1].n + 1 or link.prev != run[-1].mac):
            yield run
            run = []
        run.append(link)
    if run:
        yield run


class Chain:
    """One chain: the numbers and hashes of a table's entries.

    Args:
        name: Of the chain, in cuts and among the heads.
        mac: Its keyed hash.
        heads: Where its head is kept outside.
    """

    def __init__(self, name: str, mac: Mac, heads: Heads) -> None:
        self.name = name
        self._mac = mac
        self._heads = heads

    def head(self) -> Head:
        """Return the head that is kept outside."""
        return self._heads.kept(self.name)

    def keep(self, head: Head) -> None:
        """Keep ``head`` outside, unless one further on is there already."""
        if head.n > self.head().n:
            self._heads.keep(self.name, head)

    def next(self, last: Head | None, content: bytes) -> Link:
        """Return the link that follows ``last``, the last entry in the file.

        Where entries were taken off the end, the chain goes on behind the head that is kept
        outside: the gap stays for ever and is found.
        """
        end = max(last or START, self.head(), key=lambda head: head.n)
        return Link(end.n + 1, end.mac, self._of(end.n + 1, end.mac, content), content)

    def is_own(self, link: Link) -> bool:
        """Say whether the entry is as it was made."""
        return hmac.compare_digest(link.mac, self._of(link.n, link.prev, link.content))

    def cut(self, con: sqlite3.Connection, first: Link, last: Link, at: datetime) -> None:
        """Record that the entries from ``first`` to ``last`` are now forgotten."""
        con.execute(
            "INSERT INTO chain_cut(chain, from_n, through_n, prev, hmac, at_ms, seal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self.name,
                first.n,
                last.n,
                first.prev,
                last.mac,
                to_ms(at),
                self._seal(first.n, last.n, first.prev, last.mac, to_ms(at)),
            ),
        )

    def breaches(self, con: sqlite3.Connection, links: Iterable[Link]) -> Iterator[str]:
        """Yield what is wrong with the entries ``links`` (in the order of their numbers)."""
        cuts = self._cuts(con)
        outside = self.head()
        end, was_outside = START, None
        for link in links:
            end, bad = _bridged(end, cuts, link.n)
            yield from bad
            if link.n != end.n + 1:
                yield _missing(end.n + 1, link.n - 1, link.n)
            elif link.prev != end.mac:
                yield f"entry {link.n} does not follow the one before it"
            if not self.is_own(link):
                yield f"entry {link.n} was changed"
            end = Head(link.n, link.mac)
            was_outside = end if link.n == outside.n else was_outside
        end, bad = _bridged(end, cuts, outside.n + 1)
        yield from bad
        if end.n < outside.n:
            yield f"{_range(end.n + 1, outside.n)} missing at the end"
        elif was_outside is not None and was_outside.mac != outside.mac:
            yield f"entry {outside.n} is not the one whose hash is kept outside"

    def _of(self, n: int, prev: bytes, content: bytes) -> bytes:
        return self._mac(canonical(self.name, n, prev, content))

    def _seal(self, *cut: Value) -> bytes:
        return self._mac(canonical("cut", self.name, *cut))

    def _cuts(self, con: sqlite3.Connection) -> Sequence[_Cut]:
        rows = con.execute(
            "SELECT from_n, through_n, prev, hmac, at_ms, seal FROM chain_cut"
            " WHERE chain = ? ORDER BY from_n",
            (self.name,),
        )
        return [
            _Cut(row[0], Head(row[1], row[3]), row[2], row[5] == self._seal(*row[:5]))
            for row in rows
        ]


def _bridged(end: Head, cuts: Sequence[_Cut], before: int) -> tuple[Head, list[str]]:
    """Follow the cuts between ``end`` and entry ``before``, and return where they lead."""
    bad = []
    at = bisect(cuts, end.n, key=_first)
    while end.n + 1 < before and at < len(cuts) and cuts[at].first < before:
        cut = cuts[at]
        at += 1
        if cut.first > end.n + 1:
            bad.append(f"{_range(end.n + 1, cut.first - 1)} missing")
        elif cut.prev != end.mac:
            bad.append(f"the cut at entry {cut.first} does not follow the entry before it")
        if not cut.is_sealed:
            bad.append(f"the cut of entries {cut.first} to {cut.through.n} is not the device's own")
        end = cut.through
    return end, bad


def _first(cut: _Cut) -> int:
    return cut.first


def _missing(first: int, last: int, found: int) -> str:
    if last < first:
        return f"entry {found} is where another belongs"
    return f"{_range(first, last)} missing"


def _range(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _one(value: Value) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, bytes):
        kind, raw = b"b", value
    elif isinstance(value, str):
        kind, raw = b"s", value.encode()
    else:
        kind, raw = b"i", str(value).encode()
    return kind + len(raw).to_bytes(4, "big") + raw
