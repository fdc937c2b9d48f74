"""Reading codes: real photographs, against plain zxing-cpp in the same run, and a frame's cost."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import zxingcpp

from edge.devices.camera import Grey, read_picture
from edge.devices.decoder import read, read_closely
from tests.bench.row import Row
from tests.fakes.pictures import PHOTOGRAPHS, frame

ROUNDS = 5
GROUP = "codes before the camera"


def rows() -> Iterator[Row]:
    """Yield the rows of the table; none when the photographs are not here."""
    if not PHOTOGRAPHS.is_dir():
        sys.stderr.write("codes: the photographs are not here (../shared/data/qr)\n")
        return
    exact, pictures = photographs()
    frames = [frame(picture) for picture in pictures]
    whole = _rate(f"{len(exact)} photographs read exactly", right(exact, pictures))
    yield whole
    yield replace(whole, name="the same", floor=None, budget=98.0)
    yield _rate("the same, enlarged to 1280 x 720", right(exact, frames))
    yield _cost("a frame of 1280 x 720 with a code", frames)
    nothing = [np.asarray(cv2.GaussianBlur(each, (0, 0), 12), dtype=np.uint8) for each in frames]
    yield _cost("a frame of 1280 x 720 without one", nothing)


def photographs() -> tuple[list[str], list[Grey]]:
    """Return what each photograph holds, and the photographs."""
    expected = json.loads((PHOTOGRAPHS / "expected.json").read_text("utf-8"))
    return list(expected.values()), [read_picture(PHOTOGRAPHS / name) for name in expected]


def right(exact: list[str], pictures: list[Grey]) -> list[tuple[bool, bool]]:
    """Return for each picture whether we, and zxing-cpp with its defaults, read its text."""
    return [
        (text in texts(picture), text in plain(picture))
        for text, picture in zip(exact, pictures, strict=True)
    ]


def _rate(name: str, found: list[tuple[bool, bool]]) -> Row:
    ours, bare = (100 * statistics.mean(each) for each in zip(*found, strict=True))
    return Row(GROUP, name, ours, "%", bare, "plain zxing-cpp", 1.0, more_is_better=True)


def texts(picture: Grey) -> list[str]:
    """Return what we read."""
    return [code.text for code in read_closely(picture)]


def plain(picture: Grey) -> list[str]:
    """Return what zxing-cpp reads with its defaults."""
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def _cost(name: str, frames: list[Grey]) -> Row:
    """Return the median CPU time of one look; each frame by both, one after the other."""
    ours, bare = [], []
    for each in frames * ROUNDS:
        ours.append(_cpu_ms(read, each))
        bare.append(_cpu_ms(plain, each))
    took = statistics.median(ours)
    return Row(GROUP, f"{name} (plain: {statistics.median(bare):.1f} ms)", took, "ms", budget=10.0)


def _cpu_ms(run: Callable[[Grey], object], picture: Grey) -> float:
    began = time.thread_time_ns()
    run(picture)
    return (time.thread_time_ns() - began) / 1e6
