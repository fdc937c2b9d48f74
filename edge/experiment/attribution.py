"""Wait until it is known what came of a draw, then learn from it, once.

A drawn slot stays open for the time in which an order may be its own. When that is over it becomes
one lesson; a slot that nobody saw becomes none, and neither does one whose orders nobody could have
told us of, because the till was away: silence is not zero. An order that comes later never teaches
here. What is open is bounded: the oldest goes, unlearned and counted.

Nothing of a person is kept: a visit's random id, until its window closes.

Source: decisioning.md 5; decided.md 18.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.experiments import Experiments
from edge.core.chance import draws
from edge.experiment.rewards import Sign, reward_of
from edge.experiment.ridge import Lesson

MOST_OPEN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """An explored slot at the moment of its decision."""

    decision_id: str
    slot: int
    sku: str
    visit: str = field(repr=False)
    x: NDArray[np.float32] = field(repr=False)
    predicted: float
    """The reward that the model expected, before the learner's adjustment."""
    at: datetime
    may_teach: bool
    """False in the slice that is only ever analysed."""


@dataclass(slots=True)
class Counted:
    """What became of the draws since the start, for metrics."""

    learned: int = 0
    kept_for_analysis: int = 0
    unseen: int = 0
    censored: int = 0
    pushed_out: int = 0


@dataclass(slots=True)
class _Open:
    drawn: Drawn
    signs: set[Sign] = field(default_factory=set)
    tapped_at: datetime | None = None
    seen_at: datetime | None = None
    credit: float = 0.0
    is_censored: bool = False


class OpenDraws:
    """The draws whose outcome is not known yet. Not safe to use from two threads at once."""

    def __init__(self, plan: Experiments, most: int = MOST_OPEN) -> None:
        self._plan = plan
        self._most = most
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self.counted = Counted()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, drawn: Drawn) -> None:
        """Wait for what comes of ``drawn``; a repeat changes nothing."""
        self._open.setdefault(drawn.decision_id, _Open(drawn))
        while len(self._open) > self._most:
            self._open.popitem(last=False)
            self.counted.pushed_out += 1

    def happened(self, decision_id: str, slot: int | None, sign: Sign, at: datetime) -> None:
        """Note a sign of a slot, or of the whole slate (None)."""
        one = self._open.get(decision_id)
        if one is None or slot not in (None, one.drawn.slot) or self._is_late(one, at):
            return
        one.signs.add(sign)
        # Whatever happened to it on a screen, somebody saw it.
        one.seen_at = one.seen_at or at
        if sign in {"tap", "add"}:
            one.tapped_at = at

    def ordered(self, visit: str, skus: Iterable[str], at: datetime) -> None:
        """Give an order to the draw that earned it: the last one tapped, else the last one seen."""
        for sku in set(skus):
            of_sku = [one for one in self._of_visit(visit) if one.drawn.sku == sku]
            in_time = [one for one in of_sku if one.seen_at and not self._is_late(one, at)]
            tapped = [one for one in in_time if one.tapped_at]
            if tapped:
                max(tapped, key=_tapped_at).credit = 1.0
            elif in_time:
                last = max(in_time, key=_seen_at)
                last.credit = self._plan.attribution.view_discount

    def till_went_away(self) -> None:
        """Learn nothing from what is open now: its orders may never be told."""
        for one in self._open.values():
            one.is_censored = True

    def close(self, now: datetime) -> list[Lesson]:
        """Return a lesson of each draw whose time is over and that may teach; each once."""
        over = [key for key, one in self._open.items() if self._is_late(one, now)]
        gone = [self._open.pop(key) for key in over]
        return [
            Lesson(one.drawn.x, self._reward(one) - one.drawn.predicted)
            for one in gone
            if self._teaches(one)
        ]

    def _teaches(self, one: _Open) -> bool:
        counted = self.counted
        if one.seen_at is None:
            counted.unseen += 1
        elif one.is_censored:
            counted.censored += 1
        elif not one.drawn.may_teach:
            counted.kept_for_analysis += 1
        else:
            counted.learned += 1
            return True
        return False

    def _reward(self, one: _Open) -> float:
        return reward_of(self._plan.rewards, one.signs, credit=one.credit)

    def _is_late(self, one: _Open, at: datetime) -> bool:
        return at - one.drawn.at >= self._plan.attribution.visit

    def _of_visit(self, visit: str) -> list[_Open]:
        return [one for one in self._open.values() if visit and one.drawn.visit == visit]


def _tapped_at(one: _Open) -> datetime:
    assert one.tapped_at is not None
    return one.tapped_at


def _seen_at(one: _Open) -> datetime:
    assert one.seen_at is not None
    return one.seen_at


def may_teach(decision_id: str, analysis_slice: float) -> bool:
    """Say whether a draw is outside the slice that is only ever analysed.

    It follows from the decision's id alone, so whoever reads the log can tell which draws are in it.
    """
    return draws(f"{decision_id}/analysis", 1)[0] >= analysis_slice
