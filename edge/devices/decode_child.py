"""The process that decodes: frames in, texts out, nothing else.

Started by ``decoding_process`` as ``python -I -m edge.devices.decode_child SOURCE MODE`` with an empty
environment, so that it holds no key and no setting. It writes messages (``code_message``) to its
standard output and ends when nobody reads them. With the mode ``once`` it reads one picture
closely and ends.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.confine.confinement import confine
from edge.core.errors import DeviceUnavailableError
from edge.devices.camera import Frames, UnreadablePictureError, open_frames, read_picture
from edge.devices.code_message import Kind, Message, State, packed
from edge.devices.decoder import Decoder, Mode, Read, read_closely

ONCE: Final = "once"
STATE_EVERY_S: Final = 1.0
STANDARD_OUTPUT: Final = 1

Write = Callable[[Message], None]


def run(source: str, mode: str, write: Write) -> None:
    """Shut this process off and decode, until the source is gone or nobody listens."""
    if source.isdecimal():
        frames = _opened(source, write)  # a device is opened first: then none need be reachable
        _confine((), write)
    else:
        _confine(_folders(source), write)
        if mode == ONCE:
            _read_once(Path(source), write)
            return
        frames = _opened(source, write)
    if frames is not None:
        _look(frames, Decoder(Mode(mode)), write)


def _folders(source: str) -> tuple[Path, ...]:
    # The folder and not the file: whoever holds a picture before us puts a new file there.
    folder = Path(source).parent
    return (folder,) if folder.is_dir() else ()


def _confine(readable: tuple[Path, ...], write: Write) -> None:
    write(Message(Kind.CONFINED, time.monotonic(), " ".join(confine(readable))))


def _opened(source: str, write: Write) -> Frames | None:
    try:
        return open_frames(source)
    except DeviceUnavailableError:
        _say(State.NO_CAMERA, write)
        return None


def _read_once(path: Path, write: Write) -> None:
    try:
        found = read_closely(read_picture(path))
    except UnreadablePictureError:
        _say(State.UNREADABLE, write)
        return
    _write_codes(found, write)
    _say(State.LOOKING, write)


def _look(frames: Frames, decoder: Decoder, write: Write) -> None:
    said_s = -math.inf
    said = None
    while True:
        now_s = time.monotonic()
        try:
            frame = frames.next(now_s)
            state = State.NO_PICTURE if frame is None else State.LOOKING
        except UnreadablePictureError:
            frame, state = None, State.UNREADABLE
        except DeviceUnavailableError:
            _say(State.NO_CAMERA, write)
            return
        if frame is not None:
            _write_codes(decoder.look(frame, now_s), write)
        if state is not said or now_s - said_s >= STATE_EVERY_S:
            said, said_s = state, now_s
            _say(state, write)
        time.sleep(max(0.0, frames.pause_s - (time.monotonic() - now_s)))


def _write_codes(found: tuple[Read, ...], write: Write) -> None:
    for code in found:
        write(Message(code.kind, time.monotonic(), code.text))


def _say(state: State, write: Write) -> None:
    write(Message(Kind.STATE, time.monotonic(), str(int(state))))


def _write_out(message: Message) -> None:
    whole = packed(message)
    if whole is not None:
        os.write(STANDARD_OUTPUT, whole)  # below PIPE_BUF: never in parts


def main() -> None:
    """Run as a process of its own."""
    try:
        run(sys.argv[1], sys.argv[2], _write_out)
    except BrokenPipeError:
        sys.exit(0)  # the service is gone


if __name__ == "__main__":
    main()
