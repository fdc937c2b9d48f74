"""The rolling ids of all customers in one interval, looked up without trying keys.

A token from anybody costs one look-up, however many customers there are; trying each key would
take seconds and let a stranger keep the device busy. Up to 200,000 customers a dict is fastest;
above, sorted arrays hold the same in a fifth of the room.

Source: identity.md, "Cost of resolving".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from edge.identity.day_keys import DAY_KEY_BYTES, ROLLING_ID_BYTES, day_of_interval, rolling_id
from edge.identity.profile import CustomerId

MAX_DICT: Final = 200_000
MAX_DAYS: Final = 64
"""More days of one customer are not kept; 33 is what settings allow."""

_NO_KEY: Final = bytes(DAY_KEY_BYTES)  # no derived key is ever all zeros; an unset one may be


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Entry:
    """One customer's day keys, packed: a million of them are held at a time."""

    customer_id: CustomerId
    first_day: int
    keys: bytes  # 16 per day from the first; zeros where there is none

    def key(self, day: int) -> bytes | None:
        """Return the key of ``day``, if it is held."""
        start = (day - self.first_day) * DAY_KEY_BYTES
        if not 0 <= start < len(self.keys):
            return None
        key = self.keys[start : start + DAY_KEY_BYTES]
        return key if key != _NO_KEY else None


def packed(customer_id: CustomerId, day_keys: Mapping[int, bytes]) -> Entry:
    """Return the entry for ``day_keys``, the newest MAX_DAYS of them."""
    if not day_keys:
        return Entry(customer_id, 0, b"")
    last = max(day_keys)
    first = max(min(day_keys), last - MAX_DAYS + 1)
    keys = (day_keys.get(day, _NO_KEY) for day in range(first, last + 1))
    return Entry(customer_id, first, b"".join(keys))


class Table(Protocol):
    """Rolling id -> entry, for one interval; never changed once it is made."""

    @property
    def interval(self) -> int:
        """The interval that it is of."""
        ...

    def get(self, token: bytes) -> Entry | None:
        """Return whose rolling id ``token`` (8 bytes) is."""
        ...


def table_of(interval: int, entries: Iterable[Entry], count: int) -> Table:
    """Return the table of ``interval`` over about ``count`` entries."""
    if count > MAX_DICT:
        return SortedTable(interval, entries)
    return DictTable(interval, entries)


class DictTable:
    """A table as a dict: fast, about 85 bytes per customer."""

    def __init__(self, interval: int, entries: Iterable[Entry]) -> None:
        self.interval = interval
        self._entries = dict(_tokens(interval, entries))

    def get(self, token: bytes) -> Entry | None:
        """Return whose rolling id ``token`` is."""
        return self._entries.get(token)


class SortedTable:
    """A table as sorted arrays: 16 bytes per customer."""

    def __init__(self, interval: int, entries: Iterable[Entry]) -> None:
        self.interval = interval
        tokens = bytearray()
        members: list[Entry] = []
        for token, entry in _tokens(interval, entries):
            tokens += token
            members.append(entry)
        unsorted = np.frombuffer(tokens, ">u8").astype(np.uint64)
        order = np.argsort(unsorted)
        self._tokens = unsorted[order]
        self._entries: list[Entry] = [members[place] for place in order]

    def get(self, token: bytes) -> Entry | None:
        """Return whose rolling id ``token`` is."""
        wanted = np.uint64(int.from_bytes(token, "big"))
        place = int(self._tokens.searchsorted(wanted))
        if place < len(self._entries) and self._tokens[place] == wanted:
            return self._entries[place]
        return None


def _tokens(interval: int, entries: Iterable[Entry]) -> Iterator[tuple[bytes, Entry]]:
    day = day_of_interval(interval)
    for entry in entries:
        key = entry.key(day)
        if key is not None:
            yield rolling_id(key, interval), entry


assert np.dtype(np.uint64).itemsize == ROLLING_ID_BYTES
