"""Identifiers that sort by the moment they were made.

Source: RFC 9562, section 5.7 (UUID version 7).
"""

import uuid
from datetime import datetime

from edge.core.chance import Chance


def uuid7(at: datetime, chance: Chance) -> str:
    """Return a UUIDv7 for the moment ``at`` (aware), with 74 bits from ``chance``."""
    milliseconds = int(at.timestamp() * 1000)
    number = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(chance(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))
