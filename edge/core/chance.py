"""Chance as an argument.

A decision's draws are a function of its id, so that a recorded decision can be replayed and
anyone can check that its dice were not loaded.
"""

import hashlib
import os
from collections.abc import Callable

Chance = Callable[[int], bytes]
"""A function that returns so many random bytes."""


def system_chance(size: int) -> bytes:
    """Return ``size`` bytes from the operating system's generator."""
    return os.urandom(size)


def draws(seed: str, count: int) -> tuple[float, ...]:
    """Return ``count`` numbers in [0, 1) that depend on nothing but ``seed``.

    Draw i is the first 53 bits of SHA-256(seed ":" i) over 2**53, so every value is exact in
    a double and the same on every machine.
    """
    return tuple(_draw(f"{seed}:{i}".encode()) for i in range(count))


def _draw(message: bytes) -> float:
    first = int.from_bytes(hashlib.sha256(message).digest()[:8], "big")
    return (first >> 11) / float(1 << 53)
