"""Where a unit falls: a number in [0, 1) that is the same on every device and in every language.

Two versions of one hash. Version 2 is what is assigned with; version 1 has a thousand places, and
experiments correlate under it: it is here so that the published cases hold us to both.

Source: GrowthBook's SDKs (MIT), hash versions 1 and 2; FNV-1a with 32 bits.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

PLACES: Final = 10_000
_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193
_ROUNDING: Final = 0.01
"""How far written shares may sum from 1."""

Range = tuple[float, float]
"""From and to; the end is not part of it."""


def fnv32a(text: str, after: int = _OFFSET) -> int:
    """Return FNV-1a of the text's UTF-8 bytes, going on ``after`` what was hashed before."""
    found = after
    for byte in text.encode():
        found = ((found ^ byte) * _PRIME) & 0xFFFFFFFF
    return found


@lru_cache(maxsize=256)
def _hashed_seed(seed: str) -> int:
    return fnv32a(seed)  # the same few for every unit


def position(seed: str, unit: str) -> float:
    """Return where ``unit`` falls under ``seed``: one of 10,000 places in [0, 1)."""
    return fnv32a(str(fnv32a(unit, _hashed_seed(seed)))) % PLACES / PLACES


def position_v1(seed: str, unit: str) -> float:
    """Return where it falls under the first version."""
    return fnv32a(unit + seed) % 1000 / 1000


def chosen(at: float, ranges: Sequence[Range]) -> int | None:
    """Return the number of the range that ``at`` is in, if it is in any."""
    return next((n for n, (begin, end) in enumerate(ranges) if begin <= at < end), None)


def ranges_of(shares: Sequence[float], coverage: float = 1.0) -> tuple[Range, ...]:
    """Return one range for each share, of which the first ``coverage`` is used.

    Shares that do not sum to 1 are taken as equal ones, a coverage beyond [0, 1] as its end.
    """
    used = min(max(coverage, 0.0), 1.0)
    if abs(sum(shares) - 1) > _ROUNDING:
        shares = [1 / len(shares)] * len(shares)
    begins = [sum(shares[:number]) for number in range(len(shares))]
    return tuple((begin, begin + used * share) for begin, share in zip(begins, shares, strict=True))
