"""Whether a wave has shown enough, or too much. Pure.

A device that cannot be reached neither passes nor fails. So that this also holds for few shops
(two shops and three devices must be able to complete), what must have finished is the larger of
``gate.finished`` and ``gate.finished_share``, but never more than can be reached at all: in a
small wave, everybody. A wave without anybody passes with time alone, but nothing passes before
at least one device has finished well; and where all that ended ended badly, it stops.

What may fail is 2 % of a wave and at least one. So that a wave of 75,000 does not have to lose
1,500 before it stops, the same 2 % is also held against those n that have begun so far, with three
standard deviations of room: ``2 % n + 3 sqrt(2 % n) + 1``. Not against those that have ended: what
fails mostly ends sooner than what is good, and the first ends would stop anything.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.central.fleet.rollout.plan import Gate
from edge.central.fleet.rollout.takings import Takings, falls_short


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some devices are where; each is one of these."""

    members: int = 0
    """Devices that are offered the release."""
    finished: int = 0
    failed: int = 0
    rolled_back: int = 0
    overdue: int = 0
    """Online for longer than allowed, and not finished."""
    silent: int = 0
    """Began, and then were heard no more: a lost line, or worse."""
    running: int = 0
    """Online and under way."""
    waiting: int = 0
    """Online and not begun."""

    @property
    def bad(self) -> int:
        """Return how many speak against the release."""
        return self.failed + self.rolled_back + self.overdue

    @property
    def reachable(self) -> int:
        """Return of how many there is, or will be, a word."""
        return self.begun + self.waiting

    @property
    def begun(self) -> int:
        """Return how many have ended, or are under way and online."""
        return self.finished + self.bad + self.running


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted for one wave; for another wave it says nothing."""

    wave: int
    in_wave: Tally = Tally()
    """The devices to whom this wave brought it."""
    in_all: Tally = Tally()
    """Everybody who is offered it."""
    to_return: int = 0
    """Devices online that still act on an older document than the newest."""
    takings: Takings = field(default_factory=Takings)
    by_wave: Mapping[int, Tally] = field(default_factory=dict)
    """Of each wave that has members, to be shown."""


def failure(gate: Gate, counts: Counts) -> str | None:
    """Return why the release must not go on; None: nothing speaks against it."""
    for where, tally in (("this wave", counts.in_wave), ("all waves", counts.in_all)):
        limit = _allowed(gate, tally)
        if tally.bad > limit:
            return (
                f"in {where} {tally.failed} failed, {tally.rolled_back} rolled back and "
                f"{tally.overdue} are overdue of {tally.members}; {limit} are allowed"
            )
        if tally.bad and tally.bad == tally.reachable:
            return f"in {where} nothing ended well, and {tally.bad} badly"
    return falls_short(counts.takings, gate.take_rate_margin)


def needed(gate: Gate, tally: Tally, *, is_last: bool = False) -> int:
    """Return how many must have finished well or badly before the wave has shown enough."""
    share = gate.last_finished_share if is_last else gate.finished_share
    wanted = max(gate.finished, math.ceil(share * tally.reachable))
    return min(wanted, tally.reachable)


def has_shown_enough(gate: Gate, counts: Counts, *, is_last: bool = False) -> bool:
    """Say whether enough of the wave has finished, and not too many fell silent meanwhile."""
    tally = counts.in_wave
    return (
        tally.finished + tally.bad >= needed(gate, tally, is_last=is_last)
        and counts.in_all.finished >= 1
        and tally.silent <= _share_of(gate, tally.members)
    )


def _allowed(gate: Gate, tally: Tally) -> int:
    expected = gate.bad_share * tally.begun
    so_far = math.floor(expected + 3 * math.sqrt(expected)) + gate.bad
    return min(_share_of(gate, tally.reachable), so_far)


def _share_of(gate: Gate, devices: int) -> int:
    return max(gate.bad, math.floor(gate.bad_share * devices))
