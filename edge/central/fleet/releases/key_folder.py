"""One folder of private keys: a keeper's stick, or the online keys on central's server.

A private key is a PKCS8 file that only its owner can read, a passphrase around it if wanted; its
public half lies beside it, so that others can plan with a key whose private half they never see.
Keys are Ed25519 and are named by their role and the first digits of their id.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge.central.fleet.releases.tuf_api import CryptoSigner, SSlibKey
from edge.core.errors import RequestContractError, TrustError, UnavailableError

_OTHERS: Final = 0o077
_SHORT: Final = 8


class KeyFolder:
    """The keys in one folder."""

    def __init__(self, folder: Path, passphrase: bytes | None = None) -> None:
        """Look at ``folder``, which need not exist yet.

        Args:
            folder: Where the keys are.
            passphrase: What the private halves are, or are to be, encrypted with; None: they
                are not.
        """
        self.folder = folder
        self._passphrase = passphrase

    def make(self, role: str) -> SSlibKey:
        """Make a key for ``role`` and return its public half."""
        private = Ed25519PrivateKey.generate()
        public = SSlibKey.from_crypto(private.public_key())
        name = _name(role, public.keyid)
        self.write(f"{name}.pem", private)
        raw = private.public_key().public_bytes_raw()
        (self.folder / f"{name}.pub").write_text(f"{raw.hex()}\n", encoding="ascii")
        return public

    def public(self, role: str) -> tuple[SSlibKey, ...]:
        """Return the public half of every key for ``role`` that is here.

        Raises:
            TrustError: A file's name is not that of the key in it.
        """
        return tuple(_public(path) for path in sorted(self.folder.glob(f"{role}-*.pub")))

    def signers(self, role: str, key_ids: Collection[str]) -> tuple[CryptoSigner, ...]:
        """Return what signs with those keys of ``role`` that are here and among ``key_ids``.

        Raises:
            TrustError: The file can be read by others, or the passphrase is wrong.
        """
        paths = ((key_id, self.folder / f"{_name(role, key_id)}.pem") for key_id in key_ids)
        return tuple(self._signer(path, key_id) for key_id, path in paths if path.exists())

    def write(self, name: str, private: Ed25519PrivateKey | X25519PrivateKey) -> None:
        """Write a private key that is not here yet, readable by its owner alone.

        Raises:
            RequestContractError: There is one already; a key is never overwritten.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        around: KeySerializationEncryption = NoEncryption()
        if self._passphrase is not None:
            around = BestAvailableEncryption(self._passphrase)
        content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, around)
        path = self.folder / name
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            msg = f"wanted to make the key {path}, got one that is there already; it is kept"
            raise RequestContractError(msg) from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)

    def read(self, name: str) -> PrivateKeyTypes:
        """Return the private key in the file ``name``.

        Raises:
            UnavailableError: It is not there, or cannot be read.
            TrustError: It can be read by others, or the passphrase is wrong.
        """
        path = self.folder / name
        try:
            mode, content = path.stat().st_mode, path.read_bytes()
        except OSError as error:
            msg = f"wanted the key {path}, got: {error.strerror}; `edge fleet keys init` makes it"
            raise UnavailableError(msg) from error
        if mode & _OTHERS:
            msg = (
                f"wanted {path} readable by its owner alone, got mode {mode & 0o777:o}; run "
                "chmod 600 on it, and think about who may have read it"
            )
            raise TrustError(msg)
        try:
            return load_pem_private_key(content, self._passphrase)
        except (TypeError, ValueError) as error:
            msg = f"wanted the key {path} with its passphrase, or without if it has none: {error}"
            raise TrustError(msg) from error

    def _signer(self, path: Path, key_id: str) -> CryptoSigner:
        signer = CryptoSigner(self.read(path.name))
        if signer.public_key.keyid != key_id:
            msg = f"wanted the key {key_id[:_SHORT]} in {path}, got another"
            raise TrustError(msg)
        return signer


def read_passphrase(path: Path) -> bytes:
    """Return the passphrase in a file, without the line's end.

    Raises:
        UnavailableError: It cannot be read.
        RequestContractError: It is shorter than 12 characters.
    """
    try:
        found = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        msg = f"wanted a passphrase in {path}, got: {error.strerror}"
        raise UnavailableError(msg) from error
    if len(found) < 12:
        msg = f"{path}: wanted a passphrase of at least 12 characters, got {len(found)}"
        raise RequestContractError(msg)
    return found


def _name(role: str, key_id: str) -> str:
    return f"{role}-{key_id[:_SHORT]}"


def _public(path: Path) -> SSlibKey:
    # The id is computed, not read: one key under two ids would count as two people.
    try:
        raw = bytes.fromhex(path.read_text("ascii"))
        key = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(raw))
    except (OSError, ValueError) as error:
        msg = f"wanted 64 hexadecimal digits of a public key in {path}, got: {error}"
        raise TrustError(msg) from error
    if not path.stem.endswith(key.keyid[:_SHORT]):
        msg = f"wanted the key {path.stem} in {path}, got {key.keyid[:_SHORT]}"
        raise TrustError(msg)
    return key
