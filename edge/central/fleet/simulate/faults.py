"""What is wrong with a release, and where and when it shows.

All of these got past the offline checks; ``preflight`` is the share of shops whose own preflight
still finds it. ``shows`` is the share of shops in which it can show at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What is wrong."""

    NONE = "none"
    CRASH = "crash"
    SLOW = "slow"
    NAN = "nan"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be bad."""

    shows: float = 0.0
    preflight: float = 0.0
    """Of the shops where it shows: found before anybody is served."""
    found_as: str = ""
    """The preflight's reason."""
    breaks_min: float = 0.0
    """Mean minutes of serving until it happens (crash: each time)."""
    worse: float = 0.0
    """How much less visits take, relatively."""


FAULTS: Final[Mapping[Kind, Fault]] = MappingProxyType(
    {
        Kind.NONE: Fault(),
        Kind.CRASH: Fault(shows=0.2, preflight=0.0, found_as="crash", breaks_min=6.0),
        Kind.SLOW: Fault(shows=0.3, preflight=0.3, found_as="latency"),
        Kind.NAN: Fault(shows=0.1, preflight=0.2, found_as="nan", breaks_min=15.0),
        Kind.BUSINESS: Fault(worse=0.2),
    }
)

OTHER_FAILURES: Final = 0.001
"""Of any release, good ones too: no room, a broken disk."""
NEVER_DONE: Final = 0.0005
"""Shops that begin and never come to an end."""
LATE_REPORT: Final = 0.01
"""Shops whose line is lost in the middle, so that central hears of the end later …"""
LATE_BY_MIN: Final = 120.0
"""… by so much in the mean."""
