"""The keys of a chain, and its head outside: both from the device's keys, apart from the database.

Nothing is asked of the keys before an entry is made or checked, because a device whose keys do not
fit still runs, for guests.
"""

from collections.abc import Callable
from typing import Protocol

from edge.store.chain import MAC_BYTES, START, Chain, Head, Mac, keyed

_NUMBER_BYTES = 8


class ChainKeys(Protocol):
    """What of ``edge.store.keys.KeyFile`` a chain needs."""

    def derive(self, label: str) -> bytes:
        """Return the device's key for ``label``."""
        ...

    def note(self, name: str, value: bytes) -> None:
        """Keep a fact apart from the main database."""
        ...

    def noted(self, name: str) -> bytes | None:
        """Return a fact, or None."""
        ...


def chain_of(keys: ChainKeys, name: str) -> Chain:
    """Return the chain ``name`` with the device's own key and the head kept beside its keys."""
    return Chain(name, late_mac(keys.derive, f"{name}-hmac"), KeptHeads(keys))


def late_mac(derive: Callable[[str], bytes], label: str) -> Mac:
    """Return the keyed hash for ``label``, whose key is derived at its first use."""
    found: list[Mac] = []

    def mac(message: bytes) -> bytes:
        if not found:
            found.append(keyed(derive(label)))
        return found[0](message)

    return mac


class KeptHeads:
    """Heads of chains among the facts in ``keys.db``."""

    def __init__(self, keys: ChainKeys) -> None:
        self._keys = keys

    def kept(self, chain: str) -> Head:
        """Return the head that was kept last; ``START`` before the first."""
        raw = self._keys.noted(_name(chain))
        if raw is None or len(raw) != _NUMBER_BYTES + MAC_BYTES:
            return START
        return Head(int.from_bytes(raw[:_NUMBER_BYTES], "big"), raw[_NUMBER_BYTES:])

    def keep(self, chain: str, head: Head) -> None:
        """Keep the head, durably."""
        self._keys.note(_name(chain), head.n.to_bytes(_NUMBER_BYTES, "big") + head.mac)


def _name(chain: str) -> str:
    return f"head/{chain}"
