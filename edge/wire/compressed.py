"""Compress a batch of events, and open what was compressed without trusting it.

The content type says what the payload is before it is compressed; the MQTT 5 user property
``content-encoding`` says that it was, with the word that HTTP has for it. Whoever reads opens at
most 256 KiB: a few kilobytes of zeros would else become gigabytes.

Source: fleet.md 3 of the design; RFC 1952; RFC 9110, 8.4.
"""

import gzip
import zlib
from typing import Final

from edge.core.errors import WireContractError

GZIP: Final = "gzip"
WORTH_BYTES: Final = 4096
"""Smaller messages go as they are: there is little to gain."""
MAX_INFLATED_BYTES: Final = 256 * 1024
_LEVEL: Final = 6
_GZIP_WRAPPED: Final = 31


def squeeze(payload: bytes) -> tuple[bytes, str]:
    """Return ``payload`` and how it is encoded: gzip if that is worth it, else "" and unchanged."""
    if len(payload) > WORTH_BYTES:
        squeezed = gzip.compress(payload, _LEVEL, mtime=0)
        if len(squeezed) < len(payload):
            return squeezed, GZIP
    return payload, ""


def inflate(payload: bytes, encoding: str, max_bytes: int = MAX_INFLATED_BYTES) -> bytes:
    """Return what ``squeeze`` was given.

    Raises:
        WireContractError: The encoding is another, the bytes are not whole, or there are more
            than ``max_bytes`` of them.
    """
    if not encoding:
        return payload
    if encoding != GZIP:
        msg = f"wanted a message compressed with gzip or not at all, got {encoding[:20]!r}"
        raise WireContractError(msg)
    opened = zlib.decompressobj(_GZIP_WRAPPED)
    try:
        found = opened.decompress(payload, max_bytes)
    except zlib.error as error:
        msg = f"wanted a gzip message, got {error}"
        raise WireContractError(msg) from error
    if not opened.eof or opened.unused_data:
        msg = f"wanted one whole gzip message of at most {max_bytes} bytes, got more, or a part"
        raise WireContractError(msg)
    return found
