"""One run of the process that decodes (``decode_child``), as the service holds it.

This side loads neither OpenCV nor zxing-cpp, and never holds a frame.
"""

import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.core.errors import DeviceUnavailableError, RequestContractError
from edge.devices.code_message import (
    CODES,
    GarbledError,
    Kind,
    Message,
    State,
    Unpacker,
    state_of,
)

CHILD: Final = (sys.executable, "-I", "-B", "-m", "edge.devices.decode_child")
"""Isolated: neither the working folder nor the environment says what is imported."""
ENVIRONMENT: Final = {
    # Nothing of the service's own environment, where a key may be.
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "threads;1",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(32 << 20),
    "OPENCV_LOG_LEVEL": "SILENT",
}
MOST_MESSAGES_PER_S: Final = 1_000
_ONCE_S: Final = 20.0
_LOOK_EVERY_S: Final = 0.25
_PIECE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Code:
    """A code in a picture."""

    kind: Kind
    text: str = field(repr=False)


def codes_in(picture: Path, *, command: tuple[str, ...] = CHILD) -> tuple[Code, ...]:
    """Return the codes that one PNG or JPEG file holds, read by a process of its own.

    Raises:
        RequestContractError: There is no such picture, or it cannot be read.
    """
    child = Child((*command, str(picture.resolve()), "once"))
    found = []
    is_read = False
    try:
        for message in child.messages(_ONCE_S, threading.Event()):
            if message.kind in CODES:
                found.append(Code(message.kind, message.text))
            is_read |= message.kind is Kind.STATE and state_of(message) is State.LOOKING
    finally:
        child.end()
    if not is_read:
        msg = f"wanted a PNG or JPEG, cannot read {picture}"
        raise RequestContractError(msg)
    return tuple(found)


class Child:
    """One run of the process that decodes.

    Raises:
        DeviceUnavailableError: It cannot be started.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self._unpacker = Unpacker()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                command,
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the service
            )
        except OSError as error:
            msg = f"wanted a process that decodes, could not start it: {error.strerror}"
            raise DeviceUnavailableError(msg) from error
        self.pid = self._process.pid

    @property
    def dropped(self) -> int:
        """Messages that held no text."""
        return self._unpacker.dropped

    def messages(self, silent_s: float, stopping: threading.Event) -> Iterator[Message]:
        """Yield what it says until it ends or ``stopping`` is set.

        Raises:
            GarbledError: It wrote something else than messages, or too many.
            DeviceUnavailableError: It said nothing for ``silent_s``.
        """
        heard_s = second_s = time.monotonic()
        count = 0
        for piece in self._pieces(stopping):
            now_s = time.monotonic()
            if now_s - second_s >= 1.0:
                second_s, count = now_s, 0
            for message in self._unpacker.feed(piece):
                heard_s = now_s
                count += 1
                yield message
            if count > MOST_MESSAGES_PER_S:
                msg = (
                    f"the process that decodes said more than {MOST_MESSAGES_PER_S} things a second"
                )
                raise GarbledError(msg)
            if now_s - heard_s > silent_s:
                msg = f"the process that decodes said nothing for {silent_s:.0f} s"
                raise DeviceUnavailableError(msg)

    def _pieces(self, stopping: threading.Event) -> Iterator[bytes]:
        """Yield what it writes, and nothing (b"") from time to time."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        with selectors.DefaultSelector() as waiting:
            waiting.register(pipe, selectors.EVENT_READ)
            while not stopping.is_set():
                if not waiting.select(_LOOK_EVERY_S):
                    yield b""
                    continue
                piece = os.read(pipe, _PIECE_BYTES)
                if not piece:
                    return
                yield piece

    def end(self) -> None:
        """End it now."""
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
