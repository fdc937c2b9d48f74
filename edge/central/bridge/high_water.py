"""How far a stream has come: one lane of one outbox file, whose events are numbered from 1.

A mark is told which numbers arrived for the first time; it is never asked whether an event is to
be kept. That is decided by the event's id alone, so no late event can be lost to it. It says what
is missing: gaps are legal (a full outbox evicts, and says so), but should be explained.

What holds at all times, whatever the order and however often numbers come:

- ``arrived`` is how many different numbers came, ``highest_seq`` the highest of them;
- every number up to ``contiguous_seq`` came, but for ``given_up`` of them;
- ``contiguous_seq + 1`` has not come, and ``beyond`` is exactly what came above it;
- ``given_up`` is 0 unless more than ``MAX_RUNS`` runs would have to be remembered. Then the lowest
  gap is given up: counted, and no longer known by its numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

MAX_RUNS: Final = 128

Run = tuple[int, int]
"""First and last of numbers that follow each other."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What arrived of one stream."""

    contiguous_seq: int = 0
    highest_seq: int = 0
    arrived: int = 0
    given_up: int = 0
    reused: int = 0
    """Events under a number that an event with another id had: a disk was copied."""
    beyond: tuple[Run, ...] = ()

    @property
    def missing(self) -> int:
        """Return how many numbers below the highest have not come."""
        return self.highest_seq - self.arrived


def noted(mark: Mark, numbers: Iterable[int], max_runs: int = MAX_RUNS) -> Mark:
    """Return ``mark`` after events with ``numbers`` came, each for the first time."""
    arriving = list(numbers)
    fresh = sorted(set(arriving))
    if not fresh:
        return mark
    if _follows_on(mark, arriving, fresh):  # nearly always
        last = fresh[-1]
        return replace(
            mark, contiguous_seq=last, highest_seq=last, arrived=mark.arrived + len(fresh)
        )
    above = [seq for seq in fresh if seq > mark.contiguous_seq and not _is_in(mark.beyond, seq)]
    below = sum(seq <= mark.contiguous_seq for seq in fresh)
    late = min(below, mark.given_up)
    contiguous, runs = _grown(mark.contiguous_seq, mark.beyond, above)
    given_up = mark.given_up - late
    while len(runs) > max_runs:
        first, last = runs.pop(0)
        given_up += first - contiguous - 1
        contiguous = last
    return Mark(
        contiguous_seq=contiguous,
        highest_seq=max(mark.highest_seq, fresh[-1]),
        arrived=mark.arrived + len(above) + late,
        given_up=given_up,
        reused=mark.reused + len(arriving) - len(above) - late,
        beyond=tuple(runs),
    )


def _follows_on(mark: Mark, arriving: list[int], fresh: list[int]) -> bool:
    return (
        not mark.beyond
        and fresh[0] == mark.contiguous_seq + 1
        and fresh[-1] - fresh[0] + 1 == len(fresh) == len(arriving)
    )


def knows(mark: Mark, seq: int) -> bool:
    """Say whether a number came before, as far as ``mark`` remembers."""
    return seq <= mark.contiguous_seq or _is_in(mark.beyond, seq)


def _grown(contiguous: int, beyond: tuple[Run, ...], above: list[int]) -> tuple[int, list[Run]]:
    runs: list[Run] = []
    for first, last in sorted([*beyond, *((seq, seq) for seq in above)]):
        if not runs and first == contiguous + 1:
            contiguous = last
        elif runs and runs[-1][1] + 1 == first:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return contiguous, runs


def _is_in(runs: tuple[Run, ...], seq: int) -> bool:
    return any(first <= seq <= last for first, last in runs)
