"""`python -m tests.bench.hard_codes`: how well hard pictures of our own codes are read.

Codes of the sizes of K1 and K4 are drawn over photographs under each condition of
``tests/fakes/pictures.py``, and read with zxing-cpp's settings and with ours. Settings are chosen
on one seed and one half of the photographs (``--seed 1``), and reported on another and the other
half (``--seed 2``).
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cv2
import numpy as np
import zxingcpp
from rich.console import Console
from rich.table import Table

from edge.devices.camera import Grey
from edge.devices.decoder import CLOSELY_EVERY_S, MISSING_S, Decoder
from tests.fakes.pictures import (
    CONDITIONS,
    PHOTOGRAPHS,
    Condition,
    Draw,
    backgrounds,
    k1_text,
    k4_text,
    scene,
)

Reading = Callable[[Grey], list[str]]
FORMATS = zxingcpp.barcode_formats_from_str("QRCode,EAN13,EAN8,UPCA,UPCE")


def _zxing(**settings: Any) -> Reading:  # noqa: ANN401 - zxing-cpp names its options itself
    return lambda frame: [code.text for code in zxingcpp.read_barcodes(frame, **settings)]


def _held(seconds: float) -> Reading:
    """Return how our decoder reads a frame that stands still for so long."""

    def read(frame: Grey) -> list[str]:
        decoder = Decoder()
        found = decoder.look(frame, 0.0)
        now_s = MISSING_S
        while not found and now_s <= seconds:
            found = decoder.look(frame, now_s)
            now_s += CLOSELY_EVERY_S
        return [code.text for code in found]

    return read


READINGS: Mapping[str, Reading] = {
    "zxing-cpp": _zxing(),
    "our formats": _zxing(formats=FORMATS),
    "no invert": _zxing(formats=FORMATS, try_invert=False),
    "no rotate": _zxing(formats=FORMATS, try_rotate=False),
    "no downscale": _zxing(formats=FORMATS, try_downscale=False),
    "global histogram": _zxing(formats=FORMATS, binarizer=zxingcpp.Binarizer.GlobalHistogram),
    "ours, at once": _held(0.0),
    "ours, in 1 s": _held(MISSING_S),
    "ours, in 1.5 s": _held(MISSING_S + CLOSELY_EVERY_S),
}


def main() -> None:
    """Draw, read, and print one table per kind of code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hard_codes", description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--each", type=int, default=60, help="pictures per condition")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    photographs = tuple(sorted(PHOTOGRAPHS.glob("*.png")))[given.seed % 2 :: 2]
    if not photographs:
        sys.stderr.write("the photographs are not here (../shared/data/qr); drawn backgrounds\n")
    for name, text in (("K1 (version 3-M)", k1_text), ("K4 (version 10-M)", k4_text)):
        draw = np.random.default_rng(given.seed)
        behind = backgrounds(draw, photographs)
        table = Table("% read", *READINGS, title=f"{name}, seed {given.seed}, {given.each} each")
        took: dict[str, list[float]] = {reading: [] for reading in READINGS}
        shares = []
        for condition in CONDITIONS:
            shares.append(_shares(condition, behind, (text, draw, given.each), took))
            table.add_row(condition.name, *(f"{share:.0f}" for share in shares[-1]))
        table.add_section()
        table.add_row(
            "mean", *(f"{statistics.mean(each):.1f}" for each in zip(*shares, strict=True))
        )
        cost = (statistics.median(each) for each in took.values())
        table.add_row("CPU ms (median)", *(f"{each:.1f}" for each in cost))
        Console(width=150).print(table)


def _shares(
    condition: Condition,
    behind: Iterator[Grey],
    what: tuple[Callable[[Draw], str], Draw, int],
    took: dict[str, list[float]],
) -> list[float]:
    """Return the percentage read under a condition, by each reading."""
    text_of, draw, count = what
    right = dict.fromkeys(READINGS, 0)
    for _ in range(count):
        text = text_of(draw)
        frame = scene(text, condition, next(behind), draw)
        for name, reading in READINGS.items():
            began = time.thread_time_ns()
            right[name] += text in reading(frame)
            took[name].append((time.thread_time_ns() - began) / 1e6)
    return [100 * each / count for each in right.values()]


if __name__ == "__main__":
    main()
