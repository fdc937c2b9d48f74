"""The candidates of one decision, best first, in a form that a record can keep exactly.

Arrays rather than objects: two hundred candidates cost microseconds, and their bytes are what
a replay starts from (recomputed float scores may differ between processors; these cannot).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

MAX_CANDIDATES: Final = 200


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products by their place in the catalog, best score first; ``parts`` sum to ``score``."""

    places: NDArray[np.int32]  # shape (n,): place in site.products
    score: NDArray[np.float32]  # shape (n,)
    parts: NDArray[np.float32]  # shape (n, P)
    part_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places)

    def only(self, kept: NDArray[np.int64]) -> Self:
        """Return the candidates at the given positions, in that order."""
        return type(self)(self.places[kept], self.score[kept], self.parts[kept], self.part_names)

    def plus(self, name: str, added: NDArray[np.float32]) -> Self:
        """Return the candidates with one more part, in the same order."""
        parts = np.column_stack([self.parts, added])
        return type(self)(self.places, self.score + added, parts, (*self.part_names, name))

    def best_first(self) -> Self:
        """Return the best in order; ties go to the place in the catalog, alike on two devices."""
        return self.only(np.lexsort((self.places, -self.score))[:MAX_CANDIDATES])

    def to_bytes(self) -> bytes:
        """Return places, scores and parts as little-endian bytes, one after the other."""
        return b"".join(
            (
                self.places.astype("<i4", copy=False).tobytes(),
                self.score.astype("<f4", copy=False).tobytes(),
                np.ascontiguousarray(self.parts, dtype="<f4").tobytes(),
            )
        )

    @classmethod
    def none(cls, part_names: tuple[str, ...]) -> Self:
        """Return no candidates."""
        empty = np.zeros(0, dtype=np.float32)
        return cls(
            np.zeros(0, dtype=np.int32), empty, empty.reshape(0, len(part_names)), part_names
        )

    @classmethod
    def from_bytes(cls, stored: bytes, part_names: tuple[str, ...]) -> Self:
        """Return the candidates that ``to_bytes`` wrote.

        Raises:
            ValueError: The length is not a whole number of candidates.
        """
        width = 4 * (2 + len(part_names))
        count, rest = divmod(len(stored), width)
        if rest:
            msg = f"wanted a multiple of {width} bytes, got {len(stored)}"
            raise ValueError(msg)
        places = np.frombuffer(stored, dtype="<i4", count=count)
        score = np.frombuffer(stored, dtype="<f4", count=count, offset=4 * count)
        parts = np.frombuffer(stored, dtype="<f4", offset=8 * count)
        return cls(places, score, parts.reshape(count, len(part_names)), part_names)
