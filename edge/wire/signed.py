"""Messages about customers that come over the broker must be central's own, new, and for this device.

Sealing says who may read, not who wrote: whoever knows a device's public key could seal. So the
envelope is signed with central's Ed25519 key, over what it is for, whom it is for, its name, its
time and its content; and an older one than the last that was taken is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.core.errors import TrustError, WireContractError

MAX_BYTES: Final = 256 * 1024
_FIELDS: Final = ("message_id", "sent_at", "sealed")


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When central wrote a message, and its name: what later ones must be above."""

    sent_at: datetime
    message_id: str

    def to_text(self) -> str:
        """Return it as it is kept."""
        return f"{self.sent_at.isoformat()} {self.message_id}"

    @classmethod
    def from_text(cls, text: str) -> "Stamp":
        """Return what ``to_text`` gave."""
        at, _, message_id = text.partition(" ")
        return cls(datetime.fromisoformat(at), message_id)


def signed_text(
    info: bytes, device_key: bytes, message_id: str, sent_at: str, sealed: str
) -> bytes:
    """Return the bytes that central signs; no field can run into the next one."""
    parts = (info, device_key, message_id.encode(), sent_at.encode(), sealed.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def check_signature(payload: bytes, *, central_key: bytes, info: bytes, device_key: bytes) -> Stamp:
    """Return the stamp of a message that central signed for this device and purpose.

    Raises:
        WireContractError: It is too large, or not such a message.
        TrustError: The signature is not central's, or of another device, purpose or content.
    """
    if len(payload) > MAX_BYTES:
        msg = f"wanted a message of at most {MAX_BYTES} bytes, got {len(payload)}"
        raise WireContractError(msg)
    message_id, sent_at, sealed, signature = _fields(payload)
    text = signed_text(info, device_key, message_id, sent_at, sealed)
    try:
        Ed25519PublicKey.from_public_bytes(central_key).verify(bytes.fromhex(signature), text)
        stamp = Stamp(datetime.fromisoformat(sent_at), message_id)
    except (InvalidSignature, ValueError) as error:
        msg = "wanted a message that central signed for this device, got another; it is not taken"
        raise TrustError(msg) from error
    if stamp.sent_at.tzinfo is None:
        msg = "wanted a moment with its time zone in 'sent_at', got one without"
        raise WireContractError(msg)
    return stamp


def _fields(payload: bytes) -> tuple[str, str, str, str]:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = None
    fields = found if isinstance(found, dict) else {}
    values = [fields.get(name) for name in (*_FIELDS, "signature")]
    if not all(isinstance(value, str) for value in values):
        msg = f"wanted JSON with {', '.join(_FIELDS)} and signature, got something else"
        raise WireContractError(msg)
    message_id, sent_at, sealed, signature = (str(value) for value in values)
    return message_id, sent_at, sealed, signature
