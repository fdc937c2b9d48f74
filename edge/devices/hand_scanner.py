"""A hand scanner on a serial port: a line per code.

Set the scanner to "USB serial" (CDC-ACM) and to end each code with CR or LF. A scanner that plays
keyboard ("keyboard wedge") needs nothing here: the kiosk's page takes its keys.
"""

import contextlib
import logging
import os
import selectors
import stat
import termios
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError
from edge.devices.code_source import OnCode
from edge.devices.scanned_lines import ScannedLines
from edge.devices.source_thread import SourceThread

log = logging.getLogger(__name__)

BAUD: Final = termios.B9600
"""What scanners with a real serial port come with; USB ones do not care."""
_LOOK_EVERY_S: Final = 0.25
_PIECE_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class HandScannerSettings:
    """Where the scanner is, and how often it is looked for."""

    path: str
    pause_min_s: float = 0.5
    pause_max_s: float = 10.0


class HandScanner(SourceThread):
    """Reads the port in a thread, and looks for it again after it was unplugged.

    Args:
        settings: The port.
        on_code: Takes the text of each code.
        clock: For the status.
    """

    def __init__(self, settings: HandScannerSettings, on_code: OnCode, clock: Clock) -> None:
        super().__init__("hand scanner", on_code, clock)
        self._settings = settings

    def _run(self) -> None:
        pause_s = self._settings.pause_min_s
        self._become("starting", "starting")
        while True:
            try:
                with _opened(self._settings.path) as port:
                    self._become("ready", "ready")
                    pause_s = self._settings.pause_min_s
                    self._read(port)
            except DeviceUnavailableError as error:
                self._wait_to_restart(f"{error}; it is looked for again")
            if self._stopping.wait(pause_s):
                return
            pause_s = min(pause_s * 2, self._settings.pause_max_s)

    def _read(self, port: int) -> None:
        lines = ScannedLines()
        with selectors.DefaultSelector() as waiting:
            waiting.register(port, selectors.EVENT_READ)
            while not self._stopping.is_set():
                piece = _piece(port) if waiting.select(_LOOK_EVERY_S) else b""
                dropped = lines.dropped
                for line in lines.feed(piece, time.monotonic()):
                    if self._comes_into_sight(line):
                        self._give_on(line)
                self._count(dropped=lines.dropped - dropped)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    """Give the port, set to raw bytes.

    Raises:
        DeviceUnavailableError: It is not there, or not a serial port.
    """
    try:
        port = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        msg = f"wanted a hand scanner at {Path(path).name}, cannot open it: {error.strerror}"
        raise DeviceUnavailableError(msg) from error
    try:
        if not stat.S_ISCHR(os.fstat(port).st_mode):
            msg = f"wanted a serial port, {Path(path).name} is none"
            raise DeviceUnavailableError(msg)
        _set_raw(port)
        yield port
    finally:
        os.close(port)


def _set_raw(port: int) -> None:
    try:
        tty.setraw(port)
        mode = termios.tcgetattr(port)
        mode[2] |= termios.CLOCAL | termios.CREAD  # no modem lines
        mode[4] = mode[5] = BAUD
        termios.tcsetattr(port, termios.TCSANOW, mode)
        termios.tcflush(port, termios.TCIFLUSH)  # what was scanned before somebody listened
    except termios.error as error:
        msg = "wanted a serial port, this device is none"
        raise DeviceUnavailableError(msg) from error


def _piece(port: int) -> bytes:
    try:
        piece = os.read(port, _PIECE_BYTES)
    except OSError as error:
        msg = f"the hand scanner is gone: {error.strerror}"
        raise DeviceUnavailableError(msg) from error
    if not piece:
        msg = "the hand scanner is gone"
        raise DeviceUnavailableError(msg)
    return piece
