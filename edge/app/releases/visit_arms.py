"""Visits during a trial, by the model that they met: do they take what is proposed, how fast is the order?

A visit counts once, when it is over, in sums from which no visit can be told. While it lasts only
its random id is held, in memory; a visit that filters allergens is not counted at all.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge.core.clock import Clock
from edge.update.trial import Arm, Arms
from edge.web.ports import OrderDraft, TakenOrder

OVER_AFTER: Final = timedelta(minutes=10)
"""Without a decision, an engagement or an order a visit is over."""
MOST_OPEN: Final = 1_024


@dataclass(frozen=True, slots=True)
class _Open:
    is_new: bool
    first_at: datetime
    last_at: datetime
    took: bool = False


class VisitArms:
    """Counts while a trial lasts. Safe to use from every thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._sums: Arms | None = None  # None: there is no trial

    def begin(self, sums: Arms) -> None:
        """Count from ``sums`` on."""
        with self._lock:
            self._sums, self._open = sums, {}

    def end(self) -> None:
        """Count no more."""
        with self._lock:
            self._sums, self._open = None, {}

    def decided(self, visit_id: str, *, is_new: bool) -> None:
        """Note a row that a visit was shown."""
        now = self._clock()
        with self._lock:
            if self._sums is None:
                return
            known = self._open.get(visit_id) or _Open(is_new, now, now)
            self._open[visit_id] = replace(known, last_at=now)
            if len(self._open) > MOST_OPEN:
                self._close(next(iter(self._open)))

    def took(self, visit_id: str | None) -> None:
        """Note that a visit put something proposed into its basket."""
        self._change(visit_id, lambda one, now: replace(one, took=True, last_at=now))

    def ordered(self, visit_id: str | None) -> None:
        """Note that a visit ended with an order."""
        now = self._clock()
        with self._lock:
            if visit_id in self._open:
                self._close(visit_id, ordered_at=now)

    def sums(self) -> Arms:
        """Return the sums, with every visit that is over."""
        now = self._clock()
        with self._lock:
            for visit_id, one in list(self._open.items()):
                if not timedelta(0) <= now - one.last_at < OVER_AFTER:
                    self._close(visit_id)
            return self._sums or Arms()

    def watching(
        self, take_order: Callable[[OrderDraft], TakenOrder]
    ) -> Callable[[OrderDraft], TakenOrder]:
        """Return ``take_order`` that also ends its visit here."""

        def taken(draft: OrderDraft) -> TakenOrder:
            order = take_order(draft)
            self.ordered(draft.visit_id)
            return order

        return taken

    def _change(self, visit_id: str | None, change: Callable[[_Open, datetime], _Open]) -> None:
        now = self._clock()
        with self._lock:
            one = self._open.get(visit_id or "")
            if visit_id and one is not None:
                self._open[visit_id] = change(one, now)

    def _close(self, visit_id: str, ordered_at: datetime | None = None) -> None:
        one = self._open.pop(visit_id)
        sums = self._sums or Arms()
        arm = _counted(sums.new if one.is_new else sums.old, one, ordered_at)
        name = "new" if one.is_new else "old"
        self._sums = sums.model_copy(update={name: arm})


def _counted(arm: Arm, one: _Open, ordered_at: datetime | None) -> Arm:
    changes: dict[str, float] = {"visits": arm.visits + 1, "takes": arm.takes + one.took}
    if ordered_at is not None:
        took_s = max(0.0, (ordered_at - one.first_at).total_seconds())
        changes["orders"] = arm.orders + 1
        changes["order_s"] = arm.order_s + took_s
        changes["order_s2"] = arm.order_s2 + took_s * took_s
    return arm.model_copy(update=changes)
