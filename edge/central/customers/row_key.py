"""The key that customers' own keys lie under in PostgreSQL, and that marks of the erased are made with.

It is a file beside central's other keys and in no dump of the database: who has one of the two has
nothing. It is not one of the keys that devices know of, so that those can be replaced.
"""

import hmac
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.core.chance import Chance
from edge.core.errors import TrustError, UnavailableError
from edge.identity.consent import Purpose

FILE: Final = "customers-rows.key"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MARK_BYTES: Final = 16
_OTHERS: Final = 0o077


class RowKey:
    """Seals and marks; prints nothing of itself."""

    __slots__ = ("_cipher", "_marking", "digest")

    def __init__(self, secret: bytes) -> None:
        """Take the 32 bytes of the file."""
        self._cipher = AESGCM(_derived(secret, b"seal"))
        self._marking = _derived(secret, b"mark")
        self.digest = _derived(secret, b"which")[:_MARK_BYTES]
        """Tells this key from another and leads to neither."""

    def seal(self, plain: bytes, pseudonym: bytes, chance: Chance) -> bytes:
        """Return ``plain`` so that it is opened with this key and beside this pseudonym only."""
        nonce = chance(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, pseudonym)

    def open(self, sealed: bytes, pseudonym: bytes) -> bytes:
        """Return what ``seal`` sealed.

        Raises:
            TrustError: It was sealed with another key or for somebody else, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], pseudonym)
        except InvalidTag as error:
            msg = f"wanted a customer's key sealed with {FILE}, got another; was the file replaced?"
            raise TrustError(msg) from error

    def mark(self, pseudonym: bytes) -> bytes:
        """Return what stands for somebody who was erased; without this key it names nobody."""
        return self._digest(b"pseudonym" + pseudonym)

    def withdrawal(self, event_id: str, purpose: Purpose) -> bytes:
        """Return what stands for a withdrawal; its last byte says of which purpose."""
        return self._digest(event_id.encode())[:-1] + bytes([tuple(Purpose).index(purpose)])

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._marking, text, "sha256")[:_MARK_BYTES]


def row_key(folder: Path, chance: Chance) -> RowKey:
    """Return the key in ``folder``; made, if there is none.

    Raises:
        UnavailableError: It cannot be read.
        TrustError: Others can read it, or it is no key.
    """
    path = folder / FILE
    try:
        if not path.exists():
            _make(path, chance(_KEY_BYTES))
        mode, secret = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        msg = f"wanted the key {path}, got: {error.strerror}"
        raise UnavailableError(msg) from error
    if mode & _OTHERS:
        msg = f"wanted {path} readable by its owner alone, got mode {mode & 0o777:o}; run chmod 600"
        raise TrustError(msg)
    if len(secret) != _KEY_BYTES:
        msg = f"wanted {_KEY_BYTES} bytes in {path}, got {len(secret)}; put back the copy of it"
        raise TrustError(msg)
    return RowKey(secret)


def _make(path: Path, secret: bytes) -> None:
    # Written whole under another name: whoever starts at the same moment must not read half of it.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(new, path)
    except FileExistsError:
        pass  # theirs holds
    finally:
        new.unlink()


def _derived(secret: bytes, what: bytes) -> bytes:
    return hmac.digest(secret, b"instore customers " + what, "sha256")
