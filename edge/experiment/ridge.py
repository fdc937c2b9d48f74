"""A linear head learned from sums: what to add to a predicted reward, given 32 numbers.

Kept are ``a`` (the sum of x xᵀ) and ``b`` (the sum of x times what the prediction missed). Sums of
two shops add up to those of both, exactly, and nothing else leaves a shop. Older lessons fade by a
factor at each new one, so a menu that changes is learned again. No lesson moves the weights by more
than a step, and the weights stay within a ball: one wrong till cannot turn a shop's screens over.

Source: decisioning.md 6; decided.md 18.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.core.errors import ContractError
from edge.experiment.features import DIMENSION, OF_MOMENT

Vector = NDArray[np.float64]

PRIOR_OF_MOMENT: Final = 0.1
PRIOR_OF_KIND: Final = 50.0
"""Lessons' worth of belief that the model is right, as it is, about the moment and about a kind of
product. Small for the moment: where the model expects too much of everything, that must not fall
upon the kinds that happen to be shown.
"""
MAX_NORM: Final = 1.0
MAX_STEP: Final = 0.05
MAX_ADJUSTMENT: Final = 0.5
"""Most that is added to, or taken from, a predicted reward."""
_PRIOR: Final = np.diag(
    np.repeat([PRIOR_OF_MOMENT, PRIOR_OF_KIND], [OF_MOMENT, DIMENSION - OF_MOMENT])
)
_MOST: Final = np.float32(MAX_ADJUSTMENT)
_NUMBERS: Final = DIMENSION * DIMENSION + 2 * DIMENSION + 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """One explored slot whose time is over: what was seen, and what the prediction missed."""

    x: NDArray[np.float32]
    missed: float


class Ridge:
    """The sums, and the weights that follow from them. Not safe to change from two threads."""

    def __init__(self, *, forgetting: float = 1.0) -> None:
        self._forgetting = forgetting
        self.a: Vector = np.zeros((DIMENSION, DIMENSION))
        self.b: Vector = np.zeros(DIMENSION)
        self.theta: Vector = np.zeros(DIMENSION)
        self.lessons = 0

    def learn(self, lesson: Lesson) -> None:
        """Take one lesson, and move the weights towards what all of them say."""
        x = lesson.x.astype(np.float64)
        self.a *= self._forgetting
        self.a += x[:, None] * x
        self.b *= self._forgetting
        self.b += x * min(max(lesson.missed, -2.0), 2.0)
        self.lessons += 1
        self._move()

    def add(self, other: Self) -> None:
        """Take over what another shop learned, as if its lessons had been learned here."""
        self.a += other.a
        self.b += other.b
        self.lessons += other.lessons
        self.theta = _within(self._solved(), MAX_NORM)

    def to_bytes(self) -> bytes:
        """Return everything it is, 8,712 bytes whatever it learned."""
        count = np.array([self.lessons], dtype=np.float64)
        parts = (self.a.ravel(), self.b, self.theta, count)
        return np.concatenate(parts).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, forgetting: float = 1.0) -> Self:
        """Return what ``to_bytes`` wrote.

        Raises:
            ContractError: It is of another size, or holds what is no number.
        """
        if len(data) != _NUMBERS * 8:
            msg = f"wanted {_NUMBERS * 8} bytes of a learner, got {len(data)}; it starts anew"
            raise ContractError(msg)
        numbers = np.frombuffer(data, dtype=np.float64)
        if not np.isfinite(numbers).all():
            msg = "wanted finite numbers of a learner, got others; it starts anew"
            raise ContractError(msg)
        made = cls(forgetting=forgetting)
        square = DIMENSION * DIMENSION
        made.a = numbers[:square].reshape(DIMENSION, DIMENSION).copy()
        made.b = numbers[square : square + DIMENSION].copy()
        made.theta = numbers[square + DIMENSION : -1].copy()
        made.lessons = int(numbers[-1])
        return made

    def _solved(self) -> Vector:
        return np.asarray(np.linalg.solve(self.a + _PRIOR, self.b), np.float64)

    def _move(self) -> None:
        aim: Vector = self._solved() - self.theta
        moved: Vector = self.theta + _within(aim, MAX_STEP)
        self.theta = _within(moved, MAX_NORM)


@dataclass(frozen=True, slots=True)
class Head:
    """The weights at one moment, as a decision uses them; fits ``edge.decide.state.Learner``."""

    version: str
    theta: NDArray[np.float32]

    def adjust(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what to add to each predicted reward: float32[n, d] -> float32[n]."""
        added: NDArray[np.float32] = features @ self.theta
        return np.minimum(np.maximum(added, -_MOST), _MOST)


def _within(vector: Vector, radius: float) -> Vector:
    norm = float(np.linalg.norm(vector))
    return vector if norm <= radius else vector * np.float64(radius / norm)
