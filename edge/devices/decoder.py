"""From frames to texts with zxing-cpp: QR codes, and the bar codes on goods.

Loaded only by the process that decodes. Which settings, and what each is worth, is measured by
``python -m tests.bench.hard_codes``.

Source: identity.md, "QR decoding", of the design.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import zxingcpp

from edge.devices.camera import Grey, enlarged_centre, sharpened
from edge.devices.code_message import Kind

MISSING_S: Final = 1.0
"""After so long without a code a frame is looked at more closely as well."""
CLOSELY_EVERY_S: Final = 0.5
CLOSER: Final = (enlarged_centre, sharpened)
"""What is tried then, in turn: small codes, and codes out of focus."""
MOST: Final = 16
"""Codes of one frame that are looked at."""
AGAIN_WITHIN_S: Final = 1.0
"""A bar code counts when a second frame within this time holds it too."""


class Mode(StrEnum):
    """Which codes are looked for."""

    ALL = "all"
    CUSTOMER = "customer"
    """QR codes only."""


_RETAIL: Final = ("EAN13", "EAN8", "UPCA", "UPCE")
_FORMATS: Final = {
    Mode.ALL: zxingcpp.barcode_formats_from_str(",".join(("QRCode", *_RETAIL))),
    Mode.CUSTOMER: zxingcpp.barcode_formats_from_str("QRCode"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A code in a frame."""

    kind: Kind
    text: str = field(repr=False)


class Decoder:
    """Looks at one frame after another, and remembers what it needs from the ones before."""

    def __init__(self, mode: Mode = Mode.ALL) -> None:
        self._mode = mode
        self._found_s: float | None = None
        self._closely_s = 0.0
        self._closely = 0
        self._once: dict[str, float] = {}

    def look(self, frame: Grey, now_s: float) -> tuple[Read, ...]:
        """Return the codes that the frame holds; a bar code only when seen twice."""
        if self._found_s is None:
            self._found_s = now_s
        found = read(frame, self._mode)
        if not found and self._is_time_to_look_closely(now_s):
            self._closely_s = now_s
            found = read(CLOSER[self._closely % len(CLOSER)](frame), self._mode)
            self._closely += 1
        if found:
            self._found_s = now_s
        seen = {text: at for text, at in self._once.items() if now_s - at <= AGAIN_WITHIN_S}
        self._once = seen | {code.text: now_s for code in found if code.kind is Kind.RETAIL}
        return tuple(code for code in found if code.kind is Kind.QR or code.text in seen)

    def _is_time_to_look_closely(self, now_s: float) -> bool:
        missing_s = now_s - (self._found_s or 0.0)
        return missing_s >= MISSING_S and now_s - self._closely_s >= CLOSELY_EVERY_S


def read(frame: Grey, mode: Mode = Mode.ALL) -> tuple[Read, ...]:
    """Return the codes in one frame; a bar code's digits can be wrong once in a while."""
    codes = zxingcpp.read_barcodes(frame, formats=_FORMATS[mode])
    return tuple(_read(code) for code in codes[:MOST] if code.text)


def read_closely(frame: Grey) -> tuple[Read, ...]:
    """Return the codes in a single picture, for which no second frame will come."""
    found = read(frame)
    for closer in CLOSER:
        found = found or read(closer(frame))
    return found


def _read(code: "zxingcpp.Barcode") -> Read:
    is_qr = code.format in {zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.QRCodeModel2}
    return Read(Kind.QR if is_qr else Kind.RETAIL, code.text)
