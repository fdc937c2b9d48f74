"""The camera as the service knows it: a supervised process that gives texts of codes.

A process that dies, hangs or says anything but messages is ended and started again, with growing
pauses.
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.confine.confinement import ALL
from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError
from edge.devices.code_message import GarbledError, Kind, Message, State, state_of
from edge.devices.code_source import OnCode
from edge.devices.decoding_process import CHILD, Child
from edge.devices.source_thread import SourceThread

log = logging.getLogger(__name__)

MOST_CODES_PER_S: Final = 20
"""New codes that are given on; the rest is counted."""
_STALE_S: Final = 5.0

_WORDS: Final = {
    State.LOOKING: "looking for codes",
    State.NO_PICTURE: "ready, nothing is before it",
    State.UNREADABLE: "the file that stands in for the camera holds no PNG or JPEG",
    State.NO_CAMERA: "there is no camera or video; see recognition.camera.source",
}


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where the camera is, and how patiently it is watched."""

    source: str
    """A camera's number, or the path of a picture or video that stands in. A picture should lie in
    a folder of its own: the process that decodes may read everything there."""
    mode: str = "all"
    """``all``, or ``customer`` for QR codes only."""
    silent_s: float = 15.0
    """A process that says nothing for so long hangs. OpenCV itself waits 10 s for a camera."""
    pause_min_s: float = 0.5
    pause_max_s: float = 30.0
    steady_s: float = 60.0
    """A process that lived so long was a good one; the next pause is short again."""
    command: tuple[str, ...] = CHILD


class CameraSource(SourceThread):
    """Starts and stops the process, and gives on what it reads.

    Args:
        settings: The camera.
        on_code: Takes the text of each code when it comes into sight.
        clock: For the status.
    """

    def __init__(self, settings: CameraSettings, on_code: OnCode, clock: Clock) -> None:
        super().__init__("camera", on_code, clock)
        self._settings = settings
        self._second_s = 0.0
        self._in_second = 0
        self._reach = ""
        self.pid: int | None = None
        """The latest process."""

    def _run(self) -> None:
        pause_s = self._settings.pause_min_s
        while True:
            began_s = time.monotonic()
            why = self._watch_one()
            if self._stopping.is_set():
                return
            if time.monotonic() - began_s >= self._settings.steady_s:
                pause_s = self._settings.pause_min_s
            self._wait_to_restart(f"{why}; it is tried again")
            log.warning("camera: %s; trying again in %.1f s", why, pause_s)
            if self._stopping.wait(pause_s):
                return
            pause_s = min(pause_s * 2, self._settings.pause_max_s)

    def _watch_one(self) -> str:
        """Run one process to its end; return why it ended."""
        self._become("starting", "starting")
        self._reach = ""
        settings = self._settings
        try:
            child = Child((*settings.command, _whole(settings.source), settings.mode))
        except DeviceUnavailableError as error:
            return str(error)
        self.pid = child.pid
        try:
            for message in child.messages(settings.silent_s, self._stopping):
                if message.kind is Kind.STATE and state_of(message) is State.NO_CAMERA:
                    return _WORDS[State.NO_CAMERA]
                self._take(message)
        except (GarbledError, DeviceUnavailableError) as error:
            return str(error)
        finally:
            child.end()
            self._count(dropped=child.dropped)
        return "the process that decodes ended by itself"

    def _take(self, message: Message) -> None:
        if message.kind is Kind.STATE:
            self._become("ready", _WORDS[state_of(message)] + self._reach)
        elif message.kind is Kind.CONFINED:
            missing = [each for each in ALL if each not in message.text.split()]
            if missing:
                self._reach = f"; this kernel does not shut it off from {', '.join(missing)}"
        else:
            self._take_code(message)

    def _take_code(self, message: Message) -> None:
        if not self._comes_into_sight(message.text):
            return
        now_s = time.monotonic()
        self._second_s, self._in_second = (
            (self._second_s, self._in_second + 1) if now_s - self._second_s < 1.0 else (now_s, 1)
        )
        is_now = abs(now_s - message.seen_s) <= _STALE_S
        if is_now and self._in_second <= MOST_CODES_PER_S:
            self._give_on(message.text)
        else:
            self._count(dropped=1)


def _whole(source: str) -> str:
    if source.isdecimal():
        return source
    path = Path(source)
    return str(path.parent.resolve() / path.name)  # the file itself may come later
