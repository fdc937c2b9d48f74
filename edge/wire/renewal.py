"""What a device signs when it asks for its next certificate."""

from typing import Final

_CONTEXT: Final = b"instore-edge renewal 1"


def signed_renewal(at: str, request_pem: bytes) -> bytes:
    """Return the bytes signed with the old key; no part can run into the next one."""
    parts = (_CONTEXT, at.encode(), request_pem)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
