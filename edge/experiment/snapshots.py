"""Each state of the learner that was kept, chained to the one before by its hash.

A chain says which states there were, in which order, and that none was put in between or changed: who
asks why a screen showed something can go back to the weights of that moment, and a shop can go back
to any of them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from edge.core.errors import ContractError

FIRST: bytes = bytes(32)
"""What the first one follows."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One kept state. ``digest`` covers everything else."""

    number: int
    at: datetime
    lessons: int
    state: bytes = field(repr=False)
    before: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @property
    def version(self) -> str:
        """A name that is short enough for a record, and unlike any other's."""
        return f"{self.number}-{self.digest.hex()[:12]}"


def following(last: Snapshot | None, state: bytes, lessons: int, at: datetime) -> Snapshot:
    """Return the snapshot of ``state`` that follows ``last``."""
    number, before = (1, FIRST) if last is None else (last.number + 1, last.digest)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as it is kept
    return Snapshot(number, at, lessons, state, before, _digest(number, at, lessons, state, before))


def check_chain(snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """Return the newest of ``snapshots``, oldest first, where each follows the one before.

    The first may follow one that is no longer kept.

    Raises:
        ContractError: One was changed, left out or put in.
    """
    last: Snapshot | None = None
    for one in snapshots:
        expected = _digest(one.number, one.at, one.lessons, one.state, one.before)
        follows = last is None or (one.number == last.number + 1 and one.before == last.digest)
        if one.digest != expected or not follows:
            msg = (
                f"wanted snapshot {one.number} of the learner to follow the one before it, "
                "got another hash; the learner starts anew"
            )
            raise ContractError(msg)
        last = one
    return last


def _digest(number: int, at: datetime, lessons: int, state: bytes, before: bytes) -> bytes:
    head = f"{number}\n{round(at.timestamp() * 1000)}\n{lessons}\n".encode()
    return hashlib.sha256(before + head + state).digest()
