"""Learn on this device from what was drawn, and keep every state that a decision may have used.

What decides is always a state that was kept: it changes when one is, about once an hour, and its
name stands in each record. So a recorded draw can be drawn again, and a shop can go back.

A shop whose file says ``learning: {on: false}`` learns nothing and uses nothing learned, from the
next decision on.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from edge.app.drawn_slot import drawn_in
from edge.catalog.experiments import Learning as Plan
from edge.catalog.site import Site
from edge.core.clock import Clock
from edge.core.errors import ContractError, EdgeError, StorageUnavailableError
from edge.decide.decide import Decision
from edge.decide.engagement import Engagement, EngagementKind
from edge.decide.values import Asked
from edge.experiment.attribution import OpenDraws
from edge.experiment.rewards import Sign, was_looked_at
from edge.experiment.ridge import Head, Ridge
from edge.experiment.snapshots import Snapshot, check_chain, following
from edge.store.learner_rows import LearnerRows
from edge.web.ports import OrderDraft, TakenOrder

log = logging.getLogger(__name__)

KEEP_AFTER_LESSONS: Final = 100
KEEP_AFTER: Final = timedelta(hours=1)
"""A lesson waits at most so long until it decides."""
COMMIT_WAIT_S: Final = 5.0
_SIGNS: Final[Mapping[EngagementKind, Sign]] = {
    "exposure": "impression",
    "tap": "tap",
    "add": "add",
    "dismiss": "dismiss",
}


class Learning:
    """Hears of decisions, engagements and orders. Safe to use from every thread."""

    def __init__(self, rows: LearnerRows, site: Callable[[], Site], clock: Clock) -> None:
        self._rows = rows
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._open = OpenDraws(site().experiments)
        self._ridge = Ridge(forgetting=self._plan.forgetting)
        self._last: Snapshot | None = None
        self._looked_at = clock()
        self._head: Head | None = None

    def recall(self) -> None:
        """Go on from the newest kept state; from nothing where the states do not hold together."""
        try:
            last = check_chain(self._rows.all())
            if last is not None:
                self._go_on_from(last)
        except ContractError as error:
            log.error("%s", error)
            self._rows.clear()
        except StorageUnavailableError as error:
            log.error("the learner starts anew, its states cannot be read: %s", error)

    def head(self) -> Head | None:
        """Return what decisions use now; None: nothing was learned, or the shop switched it off."""
        return self._head if self._plan.on else None

    def decided(self, _asked: Asked, decision: Decision) -> None:
        """Wait for what comes of the slot that was drawn, if one was."""
        drawn = drawn_in(decision, self._plan.analysis_slice) if self._plan.on else None
        if drawn is not None:
            with self._lock:
                self._open.begin(drawn)

    def engaged(self, engagement: Engagement) -> None:
        """Note what happened to something shown."""
        sign = _SIGNS.get(engagement.kind)
        if sign is None:
            return
        looked_at = was_looked_at(self._site().experiments.rewards, engagement.dwell_ms)
        signs: tuple[Sign, ...] = (sign, "dwell") if looked_at else (sign,)
        with self._lock:
            for one in signs:
                self._open.happened(engagement.decision_id, engagement.slot, one, engagement.at)

    def watching(
        self, take_order: Callable[[OrderDraft], TakenOrder]
    ) -> Callable[[OrderDraft], TakenOrder]:
        """Return ``take_order`` that also tells what was ordered, or that nobody could say."""

        def taken(draft: OrderDraft) -> TakenOrder:
            try:
                order = take_order(draft)
            except StorageUnavailableError:
                with self._lock:
                    self._open.till_went_away()
                raise
            with self._lock:
                skus = [line.sku for line in draft.lines]
                self._open.ordered(draft.visit_id or "", skus, self._clock())
            return order

        return taken

    def tick(self) -> None:
        """Learn from the draws whose time is over; to be called about once a minute."""
        now = self._clock()
        with self._lock:
            for lesson in self._open.close(now):
                self._ridge.learn(lesson)
            snapshot = self._due(now)
        if snapshot is not None:
            self._keep(snapshot)

    def revert(self, number: int) -> None:
        """Go back to a kept state: it becomes the newest, and what is open still teaches.

        Raises:
            ContractError: There is no such state.
        """
        found = next((one for one in self._rows.all() if one.number == number), None)
        if found is None:
            msg = f"wanted a kept state of the learner, got number {number}; see which there are"
            raise ContractError(msg)
        with self._lock:
            self._ridge = Ridge.from_bytes(found.state, forgetting=self._plan.forgetting)
            now = self._clock()
            snapshot = following(self._last, found.state, self._ridge.lessons, now)
        self._keep(snapshot)

    def figures(self) -> Mapping[str, float]:
        """Return how learning goes."""
        with self._lock:
            counted = self._open.counted
            return {
                "learner_open": len(self._open),
                "learner_lessons": self._ridge.lessons,
                "learner_unseen": counted.unseen,
                "learner_censored": counted.censored,
                "learner_analysis": counted.kept_for_analysis,
                "learner_pushed_out": counted.pushed_out,
                "learner_norm": float(np.linalg.norm(self._ridge.theta)),
                "learner_snapshot": self._last.number if self._last else 0,
            }

    @property
    def _plan(self) -> Plan:
        return self._site().experiments.learning

    def _due(self, now: datetime) -> Snapshot | None:
        new = self._ridge.lessons - (self._last.lessons if self._last else 0)
        if new < 1:
            return None
        waited = now - self._looked_at
        if new < KEEP_AFTER_LESSONS and timedelta(0) <= waited < KEEP_AFTER:
            return None
        return following(self._last, self._ridge.to_bytes(), self._ridge.lessons, now)

    def _keep(self, snapshot: Snapshot) -> None:
        """Let a state decide once it is on the disk; one that is not there decides nothing."""
        try:
            self._rows.keep(snapshot).result(COMMIT_WAIT_S)
        except (EdgeError, TimeoutError) as error:
            log.error("what was learned is not kept, and not used: %s", error)
            return
        self._go_on_from(snapshot, is_new=True)

    def _go_on_from(self, snapshot: Snapshot, *, is_new: bool = False) -> None:
        kept = Ridge.from_bytes(snapshot.state, forgetting=self._plan.forgetting)
        with self._lock:
            if not is_new:
                self._ridge = kept
            self._last, self._looked_at = snapshot, self._clock()
            self._head = Head(snapshot.version, kept.theta.astype(np.float32))
