"""Seal bytes to somebody's public key, so that brokers and disks between carry them unread.

HPKE (RFC 9180) in base mode: X25519, HKDF-SHA256, AES-128-GCM. ``info`` binds a message to what
it is for, so that an enrolment cannot be passed off as an erasure.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from edge.core.errors import TrustError

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def seal(plain: bytes, to: bytes, info: bytes) -> bytes:
    """Return ``plain`` so that only the holder of the private key of ``to`` (32 bytes) reads it."""
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(to), info=info)


def unseal(sealed: bytes, private_key: bytes, info: bytes) -> bytes:
    """Return what was sealed to the public key of ``private_key`` (32 bytes).

    Raises:
        TrustError: It was sealed to another key or for another purpose, or was changed.
    """
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info=info)
    except (InvalidTag, ValueError) as error:
        msg = (
            "wanted a message sealed to this device for this purpose, got another or a changed one"
        )
        raise TrustError(msg) from error
