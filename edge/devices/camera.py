"""Frames: from a camera, or from a picture or video file that stands in. The only door to OpenCV.

Loaded only by the process that decodes (``decode_child``), never by the service. A frame is grey,
of at most 1280 x 720 pixels, lives until the next one, and goes nowhere but to the decoder.
"""

import os
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.core.errors import DeviceUnavailableError

Grey = NDArray[np.uint8]

WIDTH_PX: Final = 1280
HEIGHT_PX: Final = 720
RATE: Final = 30.0
"""Frames a second that are asked of a camera."""
HELD_S: Final = 3.0
"""A picture file is before the camera for so long after it changed."""
PICTURE_PAUSE_S: Final = 0.1
MAX_FILE_BYTES: Final = 32 << 20
PICTURE_ENDINGS: Final = (".png", ".jpg", ".jpeg")
_MAGIC: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_LOST_AFTER: Final = 30

cv2.setNumThreads(1)


class UnreadablePictureError(DeviceUnavailableError):
    """There is a file, and it holds no picture that can be read (yet)."""


class Frames(Protocol):
    """A source of frames."""

    pause_s: float
    """How long to wait before asking again; 0 where the source itself waits."""

    def next(self, now_s: float) -> Grey | None:
        """Return the frame to look at now, or None: there is nothing new to look at.

        Raises:
            UnreadablePictureError: What is there is no picture; there may be one later.
            DeviceUnavailableError: The source is gone.
        """
        ...


def open_frames(source: str) -> Frames:
    """Open a camera by its number, or the path of a picture or video that stands in.

    Raises:
        DeviceUnavailableError: There is none.
    """
    if source.isdecimal():
        capture = cv2.VideoCapture(int(source), cv2.CAP_V4L2)
        # USB 2 carries 30 frames a second of this size only compressed.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH_PX)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT_PX)
        capture.set(cv2.CAP_PROP_FPS, RATE)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return MovingFrames(capture, pause_s=0.0)
    if source.lower().endswith(PICTURE_ENDINGS):
        return PictureFile(Path(source))
    video = cv2.VideoCapture(source, cv2.CAP_FFMPEG)
    rate = video.get(cv2.CAP_PROP_FPS)
    return MovingFrames(video, pause_s=2 / rate if 1 <= rate <= 120 else 2 / RATE)


class MovingFrames:
    """Every second frame of a camera, or of a video that begins again at its end."""

    def __init__(self, capture: cv2.VideoCapture, *, pause_s: float) -> None:
        if not capture.isOpened():
            msg = "wanted a camera or a video, could not open it; see recognition.camera.source"
            raise DeviceUnavailableError(msg)
        self._capture = capture
        self.pause_s = pause_s
        self._is_video = pause_s > 0
        self._missed = 0

    def next(self, now_s: float) -> Grey | None:
        """Skip a frame and return the one after it."""
        del now_s
        self._capture.grab()
        is_there, frame = self._capture.read()
        if is_there:
            self._missed = 0
            return fitted(_grey(frame))
        self._missed += 1
        if self._missed >= _LOST_AFTER:
            msg = f"wanted a frame, {_LOST_AFTER} times there was none: unplugged?"
            raise DeviceUnavailableError(msg)
        if self._is_video:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return None


class PictureFile:
    """A picture file as what is held before the camera, for some seconds after it changed."""

    pause_s = PICTURE_PAUSE_S

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int, int] | None = None
        self._held_until_s = 0.0
        self._frame: Grey | UnreadablePictureError | None = None

    def next(self, now_s: float) -> Grey | None:
        """Return the picture while it is held; read it again when the file is another."""
        try:
            found = self._path.stat()
        except OSError:
            self._version = self._frame = None
            return None
        version = (found.st_mtime_ns, found.st_size, found.st_ino)
        if version != self._version:
            self._version = version
            self._frame = self._read()
            self._held_until_s = now_s + HELD_S
        if isinstance(self._frame, UnreadablePictureError):
            raise self._frame
        if now_s >= self._held_until_s:
            self._frame = None
        return self._frame

    def _read(self) -> Grey | UnreadablePictureError:
        try:
            return read_picture(self._path)
        except UnreadablePictureError as error:
            return error  # said each time, and not read again before the file changes


def read_picture(path: Path) -> Grey:
    """Return a PNG or JPEG file as a frame.

    Raises:
        UnreadablePictureError: It is no such picture, is broken or too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        msg = f"wanted a picture, cannot read it: {os.strerror(error.errno or 0)}"
        raise UnreadablePictureError(msg) from error
    return decoded(content)


def decoded(content: bytes) -> Grey:
    """Return the bytes of a PNG or JPEG file as a frame.

    Raises:
        UnreadablePictureError: They are no such picture, or it is broken or too large.
    """
    if len(content) > MAX_FILE_BYTES or not content.startswith(_MAGIC):
        msg = f"wanted a PNG or JPEG of at most {MAX_FILE_BYTES} bytes"
        raise UnreadablePictureError(msg)
    msg = "wanted a PNG or JPEG, found one that is broken or too large"
    try:
        picture = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:  # more pixels than OPENCV_IO_MAX_IMAGE_PIXELS, for one
        raise UnreadablePictureError(msg) from error
    if picture is None:
        raise UnreadablePictureError(msg)
    return fitted(_grey(picture))


def fitted(grey: Grey) -> Grey:
    """Return a picture with no more pixels than a camera's frame has; smaller ones as they are."""
    most = WIDTH_PX * HEIGHT_PX
    if grey.size <= most:
        return grey
    side = (most / grey.size) ** 0.5
    wide = max(1, int(grey.shape[1] * side))
    high = max(1, min(int(grey.shape[0] * side), most // wide))
    size = (min(wide, most // high), high)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def enlarged_centre(grey: Grey) -> Grey:
    """Return the middle quarter of a frame at twice its width and height."""
    high, wide = grey.shape
    centre = grey[high // 4 : high - high // 4, wide // 4 : wide - wide // 4]
    large = cv2.resize(centre, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, dtype=np.uint8)


def sharpened(grey: Grey) -> Grey:
    """Return a frame as if it were in focus: what a phone held too near looks like is blurred."""
    soft = cv2.GaussianBlur(grey, (0, 0), 2.0)
    return np.asarray(cv2.addWeighted(grey, 4.0, soft, -3.0, 0.0), dtype=np.uint8)


def _grey(frame: cv2.typing.MatLike) -> Grey:
    grey = frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, dtype=np.uint8)
