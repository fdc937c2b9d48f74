"""Chance as an argument.

A decision's draws are a function of its id, so that a recorded decision can be replayed and
anyone can check that its dice were not loaded.
"""

import hashlib
import os
from collections.abc import Callable
from typing import Final

Chance = Callable[[int], bytes]
"""A function that returns so many random bytes."""


def system_chance(size: int) -> bytes:
    """Return ``size`` bytes from the operating system's generator."""
    return os.urandom(size)


READABLE: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""For reading out and typing: 32 characters without I, O, 0 and 1; each carries 5 bits."""


def readable(chance: Chance, count: int) -> str:
    """Return ``count`` characters of READABLE, each as likely as any other."""
    return "".join(READABLE[byte % len(READABLE)] for byte in chance(count))


def draws(seed: str, count: int) -> tuple[float, ...]:
    """Return ``count`` numbers in [0, 1) that depend on nothing but ``seed``.

    Draw i is the first 53 bits of SHA-256(seed ":" i) over 2**53, so every value is exact in
    a double and the same on every machine.
    """
    return tuple(_draw(f"{seed}:{i}".encode()) for i in range(count))


def _draw(message: bytes) -> float:
    first = int.from_bytes(hashlib.sha256(message).digest()[:8], "big")
    return (first >> 11) / float(1 << 53)
