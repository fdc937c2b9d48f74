"""The codes a phone draws: K1, K2 and K4, as bytes in base45 behind their name.

    K1  ver1 rid8 ts4 nonce4 mac8                                  25 bytes,  41 characters
    K2  ver1 kid4 pseud8 ts4 nonce4 scope2 sig64                   87 bytes, 134 characters
    K4  ver1 kid4 pseud8 exp4 scope2 pk32 sig64 | ts4 nonce4 sig64 187 bytes, 284 characters

All numbers are big-endian. K1 is checked with the customer's day key. K2 is signed by an issuer
the shop knows. K4 is a credential that an issuer signed for the phone's own key, and the phone's
signature over it and the moment. Each signature covers everything before it, behind its context.

Source: identity.md, "QR identification token"; decided.md 31; RFC 8032.
"""

import hmac
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.identity import base45
from edge.identity.day_keys import interval_of, rolling_id

Kind = Literal["K1", "K2", "K4"]
PREFIXES: Final = ("K1:", "K2:", "K4:")

_VERSION: Final = b"\x01"
_CREDENTIAL_BYTES: Final = 115
_MAC_BYTES, _SIGNATURE_BYTES = 8, 64
_K1 = struct.Struct(">x8sI4s8s")
_K2 = struct.Struct(">x4s8sI4sH64s")
_K4 = struct.Struct(">x4s8sIH32s64sI4s64s")
_K1_CONTEXT, _K2_CONTEXT = b"KB1-QR", b"KB1-K2"
_CREDENTIAL_CONTEXT, _HOLDER_CONTEXT = b"KB1-K4-CRED", b"KB1-K4-HOLD"


@dataclass(frozen=True, slots=True)
class K1:
    """A code made with the day key. Its rolling id stays for five minutes, the rest for one code."""

    at_s: int
    rolling_id: bytes = field(repr=False)  # (8,)
    nonce: bytes = field(repr=False)  # (4,)
    raw: bytes = field(repr=False)
    context: bytes = field(default=_K1_CONTEXT, repr=False)

    def is_made_with(self, day_key: bytes) -> bool:
        """Return whether its check value is that of ``day_key``, in constant time."""
        wanted = _mac(self.context, day_key, self.raw[:-_MAC_BYTES])
        return hmac.compare_digest(wanted, self.raw[-_MAC_BYTES:])


@dataclass(frozen=True, slots=True)
class K2:
    """A code that an issuer signed for one moment."""

    at_s: int
    scope: int
    key_id: bytes  # (4,)
    pseudonym: bytes = field(repr=False)  # (8,)
    nonce: bytes = field(repr=False)  # (4,)
    raw: bytes = field(repr=False)

    def is_signed_by(self, issuer_key: bytes) -> bool:
        """Return whether the issuer with that Ed25519 public key signed it."""
        return _is_signed(issuer_key, _K2_CONTEXT, self.raw)


@dataclass(frozen=True, slots=True)
class K4:
    """A credential, and the proof that the phone it was made for shows it now."""

    at_s: int
    expires_s: int
    scope: int
    key_id: bytes  # (4,)
    pseudonym: bytes = field(repr=False)  # (8,)
    holder_key: bytes = field(repr=False)  # (32,) the phone's Ed25519 public key
    nonce: bytes = field(repr=False)  # (4,)
    raw: bytes = field(repr=False)

    def is_signed_by(self, issuer_key: bytes) -> bool:
        """Return whether that issuer signed the credential, and its phone signed this code."""
        credential = self.raw[:_CREDENTIAL_BYTES]
        return _is_signed(issuer_key, _CREDENTIAL_CONTEXT, credential) and _is_signed(
            self.holder_key, _HOLDER_CONTEXT, self.raw
        )


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs K2 codes and K4 credentials: central, and simulated phones."""

    key_id: bytes  # (4,)
    secret: bytes = field(repr=False)  # (32,) an Ed25519 private key

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that shops know it by."""
        return public_key_of(self.secret)


def k1(day_key: bytes, at: datetime, nonce: bytes) -> str:
    """Return the K1 code for the aware moment ``at``; ``nonce`` is 4 random bytes."""
    return PREFIXES[0] + made_with(day_key, at, nonce, _K1_CONTEXT)


def made_with(day_key: bytes, at: datetime, nonce: bytes, context: bytes) -> str:
    """Return the base45 text of K1's layout under ``context``, which says what it may open."""
    body = _VERSION + rolling_id(day_key, interval_of(at)) + _seconds(at) + nonce
    return base45.encode(body + _mac(context, day_key, body))


def read_made_with(text: str, context: bytes) -> K1 | None:
    """Return what ``made_with`` wrote; None when it is not whole. Nothing is verified yet."""
    try:
        raw = base45.decode(text)
        if not raw.startswith(_VERSION):
            return None
        token, at_s, nonce, _ = _K1.unpack(raw)
    except (ValueError, struct.error):
        return None
    return K1(at_s, token, nonce, raw, context)


def k2(issuer: Issuer, pseudonym: bytes, at: datetime, nonce: bytes, scope: int) -> str:
    """Return a K2 code as the issuer hands it to a phone that is online."""
    body = _VERSION + issuer.key_id + pseudonym + _seconds(at) + nonce + scope.to_bytes(2, "big")
    return PREFIXES[1] + base45.encode(_signed(issuer.secret, _K2_CONTEXT, body))


def credential(
    issuer: Issuer, pseudonym: bytes, expires_at: datetime, scope: int, holder_key: bytes
) -> bytes:
    """Return the 115 bytes that let the phone with Ed25519 public key ``holder_key`` make K4."""
    body = _VERSION + issuer.key_id + pseudonym + _seconds(expires_at) + scope.to_bytes(2, "big")
    return _signed(issuer.secret, _CREDENTIAL_CONTEXT, body + holder_key)


def k4(credential: bytes, holder_secret: bytes, at: datetime, nonce: bytes) -> str:
    """Return the K4 code for the aware moment ``at``, signed with the phone's own key."""
    body = credential + _seconds(at) + nonce
    return PREFIXES[2] + base45.encode(_signed(holder_secret, _HOLDER_CONTEXT, body))


def public_key_of(secret: bytes) -> bytes:
    """Return the Ed25519 public key (32 bytes) of a private one."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def parse(text: str) -> K1 | K2 | K4 | None:
    """Return the code that ``text`` is; None when it is none of ours, or not whole.

    Nothing is verified yet.
    """
    taken_apart = _TAKEN_APART.get(text[:3])
    if taken_apart is None:
        return None
    try:
        raw = base45.decode(text[3:])
        return taken_apart(raw) if raw.startswith(_VERSION) else None
    except (ValueError, struct.error):
        return None


def _as_k1(raw: bytes) -> K1:
    token, at_s, nonce, _ = _K1.unpack(raw)
    return K1(at_s, token, nonce, raw)


def _as_k2(raw: bytes) -> K2:
    key_id, pseudonym, at_s, nonce, scope, _ = _K2.unpack(raw)
    return K2(at_s, scope, key_id, pseudonym, nonce, raw)


def _as_k4(raw: bytes) -> K4:
    key_id, pseudonym, expires_s, scope, holder_key, _, at_s, nonce, _ = _K4.unpack(raw)
    return K4(at_s, expires_s, scope, key_id, pseudonym, holder_key, nonce, raw)


_TAKEN_APART: Final[Mapping[str, Callable[[bytes], K1 | K2 | K4]]] = {
    "K1:": _as_k1,
    "K2:": _as_k2,
    "K4:": _as_k4,
}


def _seconds(at: datetime) -> bytes:
    return int(at.timestamp()).to_bytes(4, "big")


def _mac(context: bytes, day_key: bytes, body: bytes) -> bytes:
    return hmac.digest(day_key, context + body, "sha256")[:_MAC_BYTES]


def _signed(secret: bytes, context: bytes, body: bytes) -> bytes:
    return body + Ed25519PrivateKey.from_private_bytes(secret).sign(context + body)


def _is_signed(public_key: bytes, context: bytes, raw: bytes) -> bool:
    body, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, context + body)
    except (InvalidSignature, ValueError):
        return False
    return True
