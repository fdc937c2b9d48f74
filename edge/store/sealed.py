"""Seal what is known of a customer, each value to its place.

AES-256-GCM with a random 96-bit nonce before the ciphertext. The place (table, row, version) is
authenticated with it: a value that was copied to another row, or put back from an older version,
does not open.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.core.chance import Chance
from edge.core.errors import TrustError

NONCE_BYTES: Final = 12


class SealBrokenError(TrustError):
    """A sealed value does not open: another key, another place, or changed bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs. ``row`` is the row's key, of a fixed length in its table."""

    table: str
    row: bytes
    version: int

    def bound(self) -> bytes:
        """Return what is authenticated along with the value."""
        return b"%b|%b|%d" % (self.table.encode(), self.row, self.version)


def seal(key: bytes, plain: bytes, place: Place, chance: Chance) -> bytes:
    """Return ``plain`` sealed under ``key`` for ``place``: 28 bytes longer."""
    nonce = chance(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.bound())


def unseal(key: bytes, sealed: bytes, place: Place) -> bytes:
    """Return what ``sealed`` holds.

    Raises:
        SealBrokenError: It was not sealed under this key for this place.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.bound())
    except (InvalidTag, ValueError) as error:
        msg = (
            f"wanted a value sealed for table {place.table}, got one that does not open; it was "
            "changed, moved, or its key is gone"
        )
        raise SealBrokenError(msg) from error
