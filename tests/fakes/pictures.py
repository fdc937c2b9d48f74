"""Pictures of codes as a kiosk's camera would see them, drawn anew each time from a seed.

A code lies on a phone, the phone is held before a background, and the camera has its faults:
``Condition`` says which. Sizes are in camera pixels per module, blur in modules, so that a
condition is equally hard for a small and a large code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

from edge.identity import codes

Grey = NDArray[np.uint8]
Soft = NDArray[np.floating[Any]]
Draw = np.random.Generator

MOMENT: Final = datetime(2026, 9, 21, 12, tzinfo=UTC)
WIDTH_PX: Final = 1280
HEIGHT_PX: Final = 720
PHOTOGRAPHS: Final = Path(__file__).parents[3] / "shared" / "data" / "qr"
_QUIET: Final = 4
_FINE: Final = 2
"""Drawn so many times finer and then averaged down, as a sensor does."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What makes a picture hard. A pair is a range that each picture draws from."""

    name: str
    module_px: tuple[float, float] = (4.0, 6.0)
    turn_deg: float = 15.0
    tilt_deg: tuple[float, float] = (0.0, 10.0)
    blur_modules: tuple[float, float] = (0.0, 0.15)
    glare: tuple[float, float] | None = None
    is_inverted: bool = False
    quiet_modules: int = _QUIET
    contrast: tuple[float, float] = (0.8, 1.0)
    noise: float = 3.0


CONDITIONS: Final = (
    Condition("held well"),
    Condition("glare over part of it", glare=(0.9, 1.0)),
    Condition("dark mode (inverted)", is_inverted=True),
    Condition("dark page, quiet zone of 1", quiet_modules=1),
    Condition("tilted 45 to 60 degrees", tilt_deg=(45.0, 60.0)),
    Condition("upside down or sideways", turn_deg=180.0),
    Condition("blurred by 0.4 to 0.7 module", blur_modules=(0.4, 0.7)),
    Condition("small: 1.2 to 1.8 px a module", module_px=(1.2, 1.8)),
    Condition("dim and noisy", contrast=(0.08, 0.2), noise=5.0),
    Condition("small, tilted, dark mode", (1.6, 2.4), 15.0, (30.0, 45.0), is_inverted=True),
    Condition("all at once", (2.0, 3.0), 45.0, (20.0, 40.0), (0.2, 0.5), (0.6, 0.9)),
)


def k1_text(draw: Draw) -> str:
    """Return a K1 code of nobody: 41 characters, version 3-M."""
    return codes.k1(draw.bytes(16), MOMENT, draw.bytes(4))


def k4_text(draw: Draw) -> str:
    """Return a K4 code of nobody: 284 characters, version 10-M."""
    return codes.k4(draw.bytes(115), draw.bytes(32), MOMENT, draw.bytes(4))


def symbol(text: str) -> Grey:
    """Return the QR code of ``text`` at level M, one pixel per module, without quiet zone."""
    code = segno.make(text, error="m", boost_error=False, micro=False)
    dark = np.array([list(row) for row in code.matrix], dtype=bool)
    return np.where(dark, 0, 255).astype(np.uint8)


def png(text: str, *, scale: int = 6) -> bytes:
    """Return a clean picture of the QR code of ``text``."""
    return encoded(scaled(np.pad(symbol(text), _QUIET, constant_values=255), scale))


def ean13_png(digits: str, *, scale: int = 3) -> bytes:
    """Return a clean picture of an EAN-13 bar code."""
    return encoded(scaled(ean13(digits), scale))


def scaled(grey: Grey, scale: int) -> Grey:
    """Return a picture with each pixel ``scale`` times as wide and high."""
    return np.asarray(grey.repeat(scale, axis=0).repeat(scale, axis=1))


def encoded(grey: Grey) -> bytes:
    """Return a picture as PNG."""
    is_done, buffer = cv2.imencode(".png", grey)
    assert is_done
    return bytes(buffer)


def put(path: Path, content: bytes) -> None:
    """Write a file whole, as one does who holds a code before the stand-in camera."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)


# Source: GS1 General Specifications, 5.2.1: the sets A, B, C and which of A and B each first digit takes.
_SET_A: Final = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011"
_PARITY: Final = "AAAAAA AABABB AABBAB AABBBA ABAABB ABBAAB ABBBAA ABABAB ABABBA ABBABA"


def ean13(digits: str) -> Grey:
    """Return an EAN-13 bar code, one pixel per module, 40 high, with its quiet zones."""
    a = _SET_A.split()
    c = ["".join("10"[int(bit)] for bit in word) for word in a]
    b = [word[::-1] for word in c]
    parity = _PARITY.split()[int(digits[0])]
    left = "".join((a if p == "A" else b)[int(d)] for d, p in zip(digits[1:7], parity, strict=True))
    right = "".join(c[int(digit)] for digit in digits[7:])
    bars = "0" * 11 + "101" + left + "01010" + right + "101" + "0" * 11
    row = np.array([0 if bar == "1" else 255 for bar in bars], dtype=np.uint8)
    return np.pad(np.tile(row, (40, 1)), ((8, 8), (0, 0)), constant_values=255)


def frame(grey: Grey) -> Grey:
    """Return a picture in the middle of a camera's frame, as large as fits, on mid grey."""
    scale = min(WIDTH_PX / grey.shape[1], HEIGHT_PX / grey.shape[0])
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    fitted = cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR)
    whole = np.full((HEIGHT_PX, WIDTH_PX), 128, dtype=np.uint8)
    top, left = (HEIGHT_PX - size[1]) // 2, (WIDTH_PX - size[0]) // 2
    whole[top : top + size[1], left : left + size[0]] = fitted
    return whole


def backgrounds(draw: Draw, photographs: tuple[Path, ...] = ()) -> Iterator[Grey]:
    """Yield backgrounds for ever: a part of a photograph, or, with none, soft drawn blotches."""
    while True:
        if photographs:
            path = photographs[int(draw.integers(len(photographs)))]
            grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            assert grey is not None
        else:
            grey = draw.integers(0, 256, (9, 16)).astype(np.uint8)
        whole = cv2.resize(grey, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
        yield np.asarray(whole, dtype=np.uint8)


def scene(text: str, condition: Condition, background: Grey, draw: Draw) -> Grey:
    """Return a camera's frame with the code of ``text`` held before ``background``."""
    module_px = float(draw.uniform(*condition.module_px))
    page = _page(symbol(text), condition)
    place, size_px = _placed(page, module_px, condition, draw)
    fine = (WIDTH_PX * _FINE, HEIGHT_PX * _FINE)
    large = scaled(page, 8)
    shown = cv2.warpPerspective(large, place, fine, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(large, 255), place, fine)
    down = (WIDTH_PX, HEIGHT_PX)
    code = cv2.resize(shown, down, interpolation=cv2.INTER_AREA).astype(np.float32)
    share = cv2.resize(mask, down, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    seen = background * (1 - share) + code * share
    return _taken(seen, module_px, size_px, condition, draw)


def _page(code: Grey, condition: Condition) -> Grey:
    """Return the code with its quiet zone on the phone's page, one pixel per module."""
    card = np.pad(code, condition.quiet_modules, constant_values=255)
    if condition.quiet_modules < _QUIET:
        return np.pad(card, 8, constant_values=10)
    page = np.pad(card, 4, constant_values=235)
    return 255 - page if condition.is_inverted else page


def _placed(page: Grey, module_px: float, condition: Condition, draw: Draw) -> tuple[Soft, float]:
    """Return where the page lies in the fine frame, and its size in camera pixels."""
    size_px = page.shape[0] * module_px
    turn = np.radians(draw.uniform(-condition.turn_deg, condition.turn_deg))
    tilt = np.radians(draw.uniform(*condition.tilt_deg))
    about = draw.uniform(0, 2 * np.pi)
    axis = np.array([np.cos(about), np.sin(about), 0.0]) * tilt
    spun = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(np.array([0.0, 0.0, turn]))[0]
    half = size_px / 2
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    turned = corners @ spun.T
    far = 1.2 * WIDTH_PX
    flat = turned[:, :2] * (far / (far + turned[:, 2:]))
    room = np.maximum((WIDTH_PX / 2 - 0.6 * size_px, HEIGHT_PX / 2 - 0.6 * size_px), 0) * 0.5
    middle = np.array([WIDTH_PX / 2, HEIGHT_PX / 2]) + draw.uniform(-room, room)
    there = ((flat + middle) * _FINE).astype(np.float32)
    side = page.shape[0] * 8
    here = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(here, there), dtype=np.float64), size_px


def _taken(seen: Soft, module_px: float, size_px: float, condition: Condition, draw: Draw) -> Grey:
    """Return what the camera makes of it: glare on the glass, focus, light, noise."""
    if condition.glare is not None:
        seen = seen + (255 - seen) * _blob(size_px, float(draw.uniform(*condition.glare)), draw)
    sigma = float(draw.uniform(*condition.blur_modules)) * module_px
    if sigma > 0.2:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), sigma), dtype=np.float32)
    contrast = float(draw.uniform(*condition.contrast))
    light = float(draw.uniform(0, 255 * (1 - contrast))) * 0.5
    noise = draw.normal(0, condition.noise, seen.shape)
    return np.clip(seen * contrast + light + noise, 0, 255).astype(np.uint8)


def _blob(size_px: float, peak: float, draw: Draw) -> NDArray[np.float32]:
    """Return a soft bright spot somewhere on the code, between 0 and ``peak``."""
    middle = np.array([WIDTH_PX / 2, HEIGHT_PX / 2]) + draw.uniform(-0.4, 0.4, 2) * size_px
    wide, high = draw.uniform(0.1, 0.3, 2) * size_px
    x = np.arange(WIDTH_PX, dtype=np.float32)[None, :] - np.float32(middle[0])
    y = np.arange(HEIGHT_PX, dtype=np.float32)[:, None] - np.float32(middle[1])
    spot = np.exp(-((x / np.float32(wide)) ** 2) - (y / np.float32(high)) ** 2)
    return (spot * np.float32(peak)).astype(np.float32)
