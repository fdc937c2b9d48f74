"""A claim: what lets one machine become one device, once, until it expires.

160 random bits, written so that a person can read them out. Central keeps only a hash.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from edge.central.fleet.provision.names import checked, device_name
from edge.core.chance import Chance
from edge.core.errors import RequestContractError

BYTES: Final = 20
LASTS: Final = timedelta(hours=72)
LONGEST: Final = timedelta(days=30)
_PREFIX: Final = "EC1"
_TEXT: Final = re.compile(r"EC1[A-Z2-7]{32}")


@dataclass(frozen=True, slots=True)
class Place:
    """Which device a machine becomes, and where."""

    site: str
    device: str
    ring: str = "stable"

    def __post_init__(self) -> None:
        checked("site", self.site)
        device_name(self.device)
        checked("ring", self.ring)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it is handed over."""

    text: str = field(repr=False)
    place: Place
    expires_at: datetime


def new_claim(place: Place, lasts: timedelta, now: datetime, chance: Chance) -> Claim:
    """Return a new claim for ``place``.

    Raises:
        RequestContractError: It would last longer than 30 days.
    """
    if not timedelta(0) < lasts <= LONGEST:
        msg = f"wanted a claim for at most {LONGEST.days} days, got {lasts}"
        raise RequestContractError(msg)
    letters = base64.b32encode(chance(BYTES)).decode()
    groups = [letters[at : at + 4] for at in range(0, len(letters), 4)]
    return Claim("-".join((_PREFIX, *groups)), place, now + lasts)


def hash_of(text: str) -> bytes:
    """Return what central keeps of a claim, however its letters were typed.

    Raises:
        RequestContractError: It is no claim.
    """
    letters = re.sub(r"[\s-]", "", text[:200]).upper()
    if not _TEXT.fullmatch(letters):
        msg = f"wanted a claim ({_PREFIX}- and 32 letters and digits), got something else"
        raise RequestContractError(msg)
    return hashlib.sha256(letters.encode()).digest()
