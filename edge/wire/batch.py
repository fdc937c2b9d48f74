"""Several events in one message: a JSON array, up to 64 KiB.

Source: CloudEvents JSON batch format. The MQTT binding knows single events only, so a batch in
one PUBLISH is our extension; a lone event goes as the binding says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MAX_BATCH_BYTES: Final = 64 * 1024

SINGLE_TYPE: Final = "application/cloudevents+json"
BATCH_TYPE: Final = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True)
class Message:
    """A payload and what its bytes are."""

    payload: bytes
    content_type: str


def fitting(sizes: Iterable[int], max_bytes: int = MAX_BATCH_BYTES) -> int:
    """Return how many of the first events, by their stamped ``sizes``, fit one message.

    At least one: an event that does not fit alone is the broker's to refuse.
    """
    total, count = 1, 0  # the opening bracket; a comma or the closing one follows each
    for size in sizes:
        total += size + 1
        if total > max_bytes:
            break
        count += 1
    return max(count, 1)


def pack(bodies: Sequence[bytes]) -> Message:
    """Return the message that carries ``bodies``, at least one."""
    if len(bodies) == 1:
        return Message(bodies[0], SINGLE_TYPE)
    return Message(b"[" + b",".join(bodies) + b"]", BATCH_TYPE)
