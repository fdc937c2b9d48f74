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
import threading
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError, EdgeError
from edge.devices.code_source import InSight, OnCode, SourceState, SourceStatus
from edge.devices.scanned_lines import ScannedLines

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


class HandScanner:
    """Reads the port in a thread, and looks for it again after it was unplugged.

    Args:
        settings: The port.
        on_code: Takes the text of each code.
        clock: For the status.
    """

    def __init__(self, settings: HandScannerSettings, on_code: OnCode, clock: Clock) -> None:
        self._settings = settings
        self._on_code = on_code
        self._clock = clock
        self._status = SourceStatus("off", "not started", clock())
        self._in_sight = InSight()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hand-scanner", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._become("stopped", "stopped")

    def status(self) -> SourceStatus:
        """Return how it is, in words a person can use."""
        return self._status

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
                self._status = replace(self._status, restarts=self._status.restarts + 1)
                self._become("waiting", f"{error}; it is looked for again")
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
                    self._take(line)
                self._count(dropped=lines.dropped - dropped)

    def _take(self, text: str) -> None:
        if not self._in_sight.is_new(text, time.monotonic()):
            return
        try:
            self._on_code(text)
        except EdgeError as error:
            log.warning("hand scanner: a code could not be taken: %s", type(error).__name__)
            self._count(dropped=1)
        else:
            self._count(codes=1)

    def _count(self, *, codes: int = 0, dropped: int = 0) -> None:
        now = self._status
        if codes or dropped:
            self._status = replace(now, codes=now.codes + codes, dropped=now.dropped + dropped)

    def _become(self, state: SourceState, words: str) -> None:
        if (state, words) != (self._status.state, self._status.words):
            self._status = replace(self._status, state=state, words=words, since_at=self._clock())


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
