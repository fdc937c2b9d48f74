"""Frames from pictures and videos that stand in for a camera."""

import os
import struct
import subprocess
import zlib
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from edge.core.errors import DeviceUnavailableError
from edge.devices.camera import (
    HEIGHT_PX,
    HELD_S,
    WIDTH_PX,
    Grey,
    MovingFrames,
    PictureFile,
    UnreadablePictureError,
    enlarged_centre,
    fitted,
    open_frames,
    read_picture,
)
from edge.devices.decoding_process import CHILD, ENVIRONMENT
from tests.fakes.pictures import encoded, png, put


def plain(shade: int, wide: int = 40, high: int = 30) -> Grey:
    return np.full((high, wide), shade, dtype=np.uint8)


def huge_png(side: int) -> bytes:
    """Return a PNG of a few bytes that says it is ``side`` wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = chunk(b"IDAT", zlib.compress(b"\0" * 1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + lines + chunk(b"IEND", b"")


def test_a_picture_is_held_for_three_seconds_after_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    frames = open_frames(str(path))

    assert frames.next(0.0) is None

    put(path, encoded(plain(200)))
    first = frames.next(1.0)
    assert first is not None
    assert first.mean() == 200
    assert frames.next(1.0 + HELD_S - 0.1) is not None
    assert frames.next(1.0 + HELD_S) is None

    put(path, encoded(plain(90)))
    second = frames.next(9.0)
    assert second is not None
    assert second.mean() == 90

    path.unlink()
    assert frames.next(9.1) is None


def test_a_file_that_is_no_picture_says_so_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(b"no picture")
    frames = PictureFile(path)

    for at in range(3):
        with pytest.raises(UnreadablePictureError):
            frames.next(float(at))
    put(path, png("a"))

    assert frames.next(4.0) is not None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        png("a")[:-40],
        png("a")[:60],
        huge_png(60_000),
        b"\xff\xd8\xff" + os.urandom(3_000),
    ],
    ids=["empty", "GIF", "signature", "cut off", "cut off early", "huge", "random JPEG"],
)
def test_a_broken_picture_is_unreadable_and_nothing_worse(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(content)

    try:
        frame = read_picture(path)
    except UnreadablePictureError:
        return

    assert frame.size <= WIDTH_PX * HEIGHT_PX  # a decoder may make something of half a picture


def test_a_picture_that_says_it_is_huge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(huge_png(40_000))

    with pytest.raises(UnreadablePictureError):
        read_picture(path)


FUZZ = """
import sys
import numpy as np
from edge.devices.camera import UnreadablePictureError, decoded
from edge.confine.confinement import confine
from edge.devices.decoder import read
whole = [bytes.fromhex(line) for line in sys.stdin]
draw = np.random.default_rng(int(sys.argv[1]))
confine(())
unreadable = looked = 0
for number in range(int(sys.argv[2])):
    content = np.frombuffer(whole[number % len(whole)], dtype=np.uint8).copy()
    if number % 3 == 0:
        content = content[: draw.integers(8, content.size)]
    places = draw.integers(4, content.size, draw.integers(1, 12))
    content[places] = draw.integers(0, 256, places.size)
    try:
        read(decoded(content.tobytes()))
        looked += 1
    except UnreadablePictureError:
        unreadable += 1
print(unreadable, looked)
"""


def test_changed_and_shortened_pictures_are_read_or_unreadable_in_a_process_shut_off() -> None:
    is_done, jpeg = cv2.imencode(".jpg", plain(90))
    assert is_done
    ran = subprocess.run(
        [*CHILD[:3], "-c", FUZZ, "1", "600"],
        env=ENVIRONMENT,
        input=f"{png('some text').hex()}\n{bytes(jpeg).hex()}",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    unreadable, looked = map(int, ran.stdout.split())
    assert unreadable + looked == 600
    assert min(unreadable, looked) > 50


def test_a_file_longer_than_a_picture_may_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    path.write_bytes(png("a"))
    os.truncate(path, 40 << 20)

    with pytest.raises(UnreadablePictureError):
        read_picture(path)


@pytest.mark.parametrize(("wide", "high"), [(4_000, 3_000), (1_080, 2_400), (1, 1_000_000)])
def test_a_large_picture_is_made_to_fit_a_frame(wide: int, high: int) -> None:
    fits = fitted(plain(100, wide, high))

    assert fits.size <= WIDTH_PX * HEIGHT_PX
    assert min(fits.shape) >= 1


def test_a_small_picture_stays_as_it_is() -> None:
    small = plain(100, 99, 99)

    assert fitted(small) is small


def test_the_enlarged_centre_is_as_large_as_the_frame() -> None:
    assert enlarged_centre(plain(10, WIDTH_PX, HEIGHT_PX)).shape == (HEIGHT_PX, WIDTH_PX)
    assert enlarged_centre(plain(10, 1, 1)).shape == (2, 2)


def test_a_video_gives_every_second_frame_and_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "walk.avi"
    codec = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), codec, 20.0, (320, 240))
    for shade in (0, 50, 100, 150, 200, 250):
        writer.write(np.full((240, 320, 3), shade, dtype=np.uint8))
    writer.release()

    frames = open_frames(str(path))
    seen = [frame for at in range(12) if (frame := frames.next(float(at))) is not None]

    assert frames.pause_s == pytest.approx(0.1)
    shades = [round(float(frame.mean()) / 50) * 50 for frame in seen]
    assert shades[:6] == [50, 150, 250, 50, 150, 250]


def test_a_camera_or_video_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(os.urandom(2_000))
    for source in ("63", str(tmp_path / "none.mp4"), str(tmp_path / "noise.mp4")):
        with pytest.raises(DeviceUnavailableError):
            open_frames(source)


class Unplugged:
    """A camera that was opened, and then its cable was pulled."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def grab(self) -> bool:
        return False

    def read(self) -> tuple[bool, None]:
        return False, None


def test_a_camera_that_gives_no_more_frames_is_given_up() -> None:
    frames = MovingFrames(cast("cv2.VideoCapture", Unplugged()), pause_s=0.0)
    missing = [frames.next(float(at)) for at in range(29)]

    assert missing == [None] * 29
    with pytest.raises(DeviceUnavailableError, match="unplugged"):
        frames.next(29.0)


@pytest.mark.hardware
def test_the_first_camera_gives_grey_frames() -> None:
    frames = open_frames("0")

    assert any(frames.next(float(at)) is not None for at in range(30))
