"""What the process that decodes may say to the service: texts of codes and how it is, no more.

Its input is whatever is held before a camera, so its output is not trusted either: four kinds of
message of at most 523 bytes, and whatever else it writes ends it.

    kind 1 byte, moment 8 bytes (float64, seconds of the machine's monotonic clock),
    length 2 bytes, text of at most 512 bytes in UTF-8
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from edge.core.errors import ContractError

MAX_TEXT_BYTES: Final = 512
_HEADER: Final = struct.Struct(">BdH")


class Kind(IntEnum):
    """What a message is."""

    STATE = 0
    """How it goes: one of ``State``. At least once a second."""
    CONFINED = 1
    """From what the process has shut itself off: names of ``confinement``, with spaces."""
    QR = 2
    """The text of a QR code."""
    RETAIL = 3
    """The digits of an EAN or UPC bar code."""


CODES: Final = frozenset({Kind.QR, Kind.RETAIL})


class State(IntEnum):
    """How the process that decodes is; its number is the message's text."""

    LOOKING = 0
    NO_PICTURE = 1
    UNREADABLE = 2
    NO_CAMERA = 3


class GarbledError(ContractError):
    """The process wrote something else than messages; what follows cannot be read either."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. The text may be a customer's token, so it is never printed."""

    kind: Kind
    seen_s: float
    text: str = field(repr=False)


def state_of(message: Message) -> State:
    """Return the state that a message of the kind STATE says.

    Raises:
        GarbledError: It is none of ours.
    """
    for state in State:
        if message.text == str(int(state)):
            return state
    msg = "the process that decodes is in a state that there is not"
    raise GarbledError(msg)


def packed(message: Message) -> bytes | None:
    """Return the bytes of ``message``; None when its text is too long or is no text."""
    try:
        text = message.text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: some codes hold such bytes
        return None
    if len(text) > MAX_TEXT_BYTES:
        return None
    return _HEADER.pack(message.kind, message.seen_s, len(text)) + text


class Unpacker:
    """Puts messages together from the pieces that a pipe gives."""

    def __init__(self) -> None:
        self._waiting = b""
        self.dropped = 0
        """Messages with a text that is no UTF-8."""

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Yield the messages that are whole now.

        Raises:
            GarbledError: This is not what a message looks like.
        """
        self._waiting += piece
        while len(self._waiting) >= _HEADER.size:
            kind, seen_s, length = _HEADER.unpack_from(self._waiting)
            if kind not in iter(Kind) or not math.isfinite(seen_s) or length > MAX_TEXT_BYTES:
                msg = "the process that decodes wrote something else than messages"
                raise GarbledError(msg)
            end = _HEADER.size + length
            if len(self._waiting) < end:
                return
            text = self._waiting[_HEADER.size : end]
            self._waiting = self._waiting[end:]
            try:
                yield Message(Kind(kind), seen_s, text.decode())
            except UnicodeDecodeError:
                self.dropped += 1
