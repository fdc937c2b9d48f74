"""Lines out of the bytes that a hand scanner sends: one per code, bounded, text or nothing."""

from collections.abc import Iterator
from typing import Final

from edge.devices.code_message import MAX_TEXT_BYTES

PART_WITHIN_S: Final = 1.0
"""The rest of a line that has begun comes within this, or the line is given up."""


class ScannedLines:
    """Puts lines together from the pieces that a port gives; never holds more than one line."""

    def __init__(self) -> None:
        self._line = b""
        self._is_too_long = False
        self._since_s = 0.0
        self.dropped = 0
        """Lines that were too long, no text, or not ended."""

    def feed(self, piece: bytes, now_s: float) -> Iterator[str]:
        """Yield the lines that are whole now. An empty piece only lets time pass."""
        if (self._line or self._is_too_long) and now_s - self._since_s > PART_WITHIN_S:
            self._give_up()
        *ended, rest = piece.replace(b"\r", b"\n").split(b"\n")
        for end in ended:
            self._add(end)
            yield from self._whole()
        self._add(rest)
        if piece:
            self._since_s = now_s

    def _add(self, part: bytes) -> None:
        self._is_too_long |= len(self._line) + len(part) > MAX_TEXT_BYTES
        self._line = b"" if self._is_too_long else self._line + part

    def _whole(self) -> Iterator[str]:
        line, self._line = self._line, b""
        if self._is_too_long:
            self._give_up()
        elif line:  # empty between CR and LF
            try:
                yield line.decode()
            except UnicodeDecodeError:
                self._give_up()

    def _give_up(self) -> None:
        self._line, self._is_too_long = b"", False
        self.dropped += 1
