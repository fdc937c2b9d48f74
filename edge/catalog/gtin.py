"""Which product a scanned code means: its GTIN, from barcodes and GS1 codes.

Nothing is fetched and no address is opened: of a GS1 Digital Link only the path is read, so that
any host will do. What is not a GTIN is nothing.

Source: identity.md, "Product scan (GS1)"; GS1 General Specifications 7.8.5, 7.9 and 7.12;
GS1 Digital Link URI syntax.
"""

import re
from itertools import pairwise
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from edge.core.mistakes import found

MAX_CHARACTERS: Final = 512
GTIN_DIGITS: Final = 14
_LENGTHS: Final = frozenset({8, 12, 13, 14})
_SEPARATOR: Final = "\x1d"  # FNC1, as scanners send it
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9]")
_IN_BRACKETS: Final = re.compile(r"(?:\([0-9]{2,4}\)[^()]*)*?\(01\)([0-9]{14})(?:\(|$)")
_FIXED: Final = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
}  # fmt: skip
"""Fields that need no separator after them: how they begin -> their length with that."""


def gtin_in(text: str) -> str | None:
    """Return the GTIN-14 that a scanned text names; None when it names none.

    Understood are EAN-8, EAN-13, UPC-A and GTIN-14 by their digits, GS1 element strings with
    and without brackets, and GS1 Digital Links.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    if _SYMBOLOGY.match(text):
        text = text[3:]
    if text[:8].lower().startswith(("http://", "https://")):
        return _in_link(text)
    if text.startswith("("):
        match = _IN_BRACKETS.match(text)
        return as_gtin14(match[1]) if match else None
    return as_gtin14(text) or _in_elements(text.removeprefix(_SEPARATOR))


def as_gtin14(digits: str) -> str | None:
    """Return ``digits`` (8, 12, 13 or 14) as a GTIN-14; None when the check digit is wrong."""
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    padded = digits.zfill(GTIN_DIGITS)
    weighted = sum(int(one) * (3 if place % 2 == 0 else 1) for place, one in enumerate(padded))
    return padded if weighted % 10 == 0 and int(padded) > 0 else None


def _in_link(text: str) -> str | None:
    """Return the GTIN of a Digital Link: the digits after the first ``01`` or ``gtin``."""
    try:
        segments = urlsplit(text).path.split("/")
    except ValueError:  # an address that is none, such as "http://["
        return None
    for name, value in pairwise(segments):
        if name in {"01", "gtin"}:
            return as_gtin14(value)
    return None


def _in_elements(text: str) -> str | None:
    """Return the GTIN of an element string without brackets: fields one after the other."""
    while text:
        length = _FIXED.get(text[:2])
        if text.startswith("01") and len(text) >= 16:
            return as_gtin14(text[2:16])
        if length is None:
            text = text.partition(_SEPARATOR)[2]
        else:
            text = text[length:].removeprefix(_SEPARATOR)
    return None


def _checked(value: object) -> str:
    gtin = as_gtin14(value) if isinstance(value, str) else None
    if gtin is None:
        msg = (
            "wanted a GTIN in quotes, of 8, 12, 13 or 14 digits with the right last one, "
            f"found {found(value)}"
        )
        raise ValueError(msg)
    return gtin


Gtin = Annotated[str, BeforeValidator(_checked)]
"""A product's worldwide number as its barcode says it; kept as 14 digits."""
