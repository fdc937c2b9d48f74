"""Dice that fall the same way in every run: for tests that ask random questions."""

from collections.abc import Sequence
from typing import TypeVar

from edge.core.chance import draws

T = TypeVar("T")


class Dice:
    """Numbers, choices and bytes that depend on nothing but a seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._thrown = 0

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to ``limit`` - 1."""
        self._thrown += 1
        return int(draws(f"{self._seed}/{self._thrown}", 1)[0] * limit)

    def choice(self, among: Sequence[T]) -> T:
        """Return one of ``among``."""
        return among[self.below(len(among))]

    def choices(self, among: Sequence[T], count: int) -> tuple[T, ...]:
        """Return ``count`` of ``among``; some may come twice."""
        return tuple(self.choice(among) for _ in range(count))

    def sample(self, among: Sequence[T], count: int) -> tuple[T, ...]:
        """Return ``count`` different ones of ``among``."""
        rest = list(among)
        return tuple(rest.pop(self.below(len(rest))) for _ in range(count))

    def bytes(self, size: int) -> bytes:
        """Return ``size`` bytes."""
        return bytes(self.below(256) for _ in range(size))
