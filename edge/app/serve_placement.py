"""Facts, decision, record, slate: what every surface asks for.

The slate returns after its commit, so that what was shown can always be explained. Two things
never keep a shopper waiting for an answer: a model that breaks (popularity takes over at once)
and a disk that is full (the slate is served and counted as unrecorded).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from edge.app.rankers import Rankers
from edge.app.shelves import Shelves
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import EdgeError, ModelContractError
from edge.core.ids import uuid7
from edge.decide.arrange import Exploration
from edge.decide.bundle import Bundle
from edge.decide.counterfactual import Made, without_past_orders
from edge.decide.decide import Decision, decide
from edge.decide.record import Place, body, candidate_bytes
from edge.decide.state import NO_STATE, State
from edge.decide.values import Asked, Slate
from edge.policy.offers import OfferRule
from edge.store.decisions import RecordedDecision
from edge.store.outbox import Outgoing

log = logging.getLogger(__name__)

StateOf = Callable[[Asked, datetime], State]
"""What is asked, and now -> what was counted and assigned before; without I/O."""

MOST_GIVEN_UP: Final = 2
"""The one on trial, then the one in force; counts of orders, which are left then, do not break."""
COMMIT_WAIT_S: Final = 2.0
"""Longest wait for the commit. A disk that takes longer is failing; the shopper is not told."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Where and under which name decisions go: the store, their events, time and chance."""

    record: Callable[[RecordedDecision, Sequence[Outgoing]], Future[None]]
    events: Callable[[Decision, Place, datetime], Sequence[Outgoing]]
    site_id: str
    device_id: str
    clock: Clock
    chance: Chance


@dataclass(slots=True)
class Counts:
    """How decisions went since the start, for /metrics."""

    served: int = 0
    unrecorded: int = 0
    explored_slots: int = 0
    shown_slots: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    """Rule of a policy or a cap -> how many candidates it left out."""
    conditions_failed: dict[str, int] = field(default_factory=dict)
    """Offer -> in how many decisions its condition could not be answered."""


class ServePlacement:
    """Answers what a surface asks. Safe to call from every thread."""

    def __init__(
        self,
        shelves: Shelves,
        rankers: Rankers,
        recording: Recording,
        exploration: Exploration | None = None,
    ) -> None:
        self._shelves = shelves
        self._rankers = rankers
        self._recording = recording
        self._exploration = exploration or Exploration()
        self.counts = Counts()
        self.decided: Callable[[Asked, Decision], None] = lambda _asked, _decision: None
        """Called with each decision, as it was asked for, before its slate returns."""
        self.state_of: StateOf = lambda _asked, _now: NO_STATE
        """What the appliance knows of the visit before it decides; it must not raise."""

    def __call__(self, asked: Asked) -> Slate:
        """Return the slate for ``asked``, recorded.

        Raises:
            RequestContractError: The placement or a product of the basket does not exist.
        """
        now = self._recording.clock()
        # Chosen before the visit gets another id: each visit meets one model, and only one.
        bundle = self._rankers.of_visit(asked.visit_id)
        unlinked = self._unlinked(asked) if asked.avoid else asked
        # The visit's own state, also where its name is about to change: a filter makes nobody
        # somebody else.
        state = self.state_of(asked, now)
        decision = self._decide(unlinked, bundle, now, state)
        self._record(decision, now)
        self._count(decision)
        if decision.withheld:
            self._count_withheld(decision.withheld)
        self.decided(asked, decision)
        return self._still_there(decision)

    def without_past_orders(self, asked: Asked, decision_id: str) -> tuple[str, ...] | None:
        """Return the skus that decision would show without past orders; None: it used none.

        It is worked out for the customer who asks why, with the draw of that decision, and
        recorded nowhere. An empty answer means that the row would not be there.

        Raises:
            RequestContractError: The placement or a product of the basket does not exist.
        """
        at = asked.at or self._recording.clock()
        bundle = self._rankers.of_visit(asked.visit_id)
        shelf = self._shelves.at(at, live=asked.at is None, bundle=bundle)
        try:
            state = self.state_of(asked, at)
            return without_past_orders(Made(decision_id, asked, shelf, self._exploration, state))
        except ModelContractError:
            return None  # the next decision finds that out, and replaces the model

    def _unlinked(self, asked: Asked) -> Asked:
        """Give what is decided while allergens are filtered to a visit of its own.

        Record, event and engagements then belong to a random id, and nothing kept says of a
        visit, or of the person it belongs to, that something was filtered.
        """
        if asked.visit_id is None:
            return asked
        return replace(asked, visit_id=str(UUID(bytes=self._recording.chance(16), version=4)))

    def _decide(self, asked: Asked, bundle: Bundle, now: datetime, state: State) -> Decision:
        decision_id = uuid7(now, self._recording.chance)
        for _ in range(MOST_GIVEN_UP):
            try:
                return self._decide_with(bundle, (decision_id, asked, now, state))
            except ModelContractError as error:
                bundle = self._rankers.give_up(bundle, str(error))
        return self._decide_with(bundle, (decision_id, asked, now, state))

    def _decide_with(self, bundle: Bundle, what: tuple[str, Asked, datetime, State]) -> Decision:
        decision_id, asked, now, state = what
        at, live = (now, True) if asked.at is None else (asked.at, False)
        shelf = self._shelves.at(at, live=live, bundle=bundle)
        return decide(decision_id, asked, shelf, self._exploration, state)

    def _record(self, decision: Decision, now: datetime) -> None:
        given, recording = decision.arrangement, self._recording
        place = Place(recording.site_id, recording.device_id, given.placement.surface)
        recorded = RecordedDecision(
            decision_id=given.decision_id,
            at=now,
            screen_id=decision.asked.screen_id,
            surface=place.surface,
            placement_id=given.placement.id,
            visit_id=decision.asked.visit_id,
            body=body(decision, place),
            candidates=candidate_bytes(decision),
            basis=decision.basis,
        )
        try:
            recording.record(recorded, recording.events(decision, place, now)).result(COMMIT_WAIT_S)
        except (EdgeError, TimeoutError) as error:
            if self.counts.unrecorded == 0:
                log.error("decisions are served without a record: %r", error)
            self.counts.unrecorded += 1

    def _count(self, decision: Decision) -> None:
        # Plain integers without a lock: a lost count under load is worth less than its price.
        slate = decision.slate
        self.counts.served += 1
        self.counts.shown_slots += len(slate.shown)
        self.counts.explored_slots += sum(one.is_explored for one in slate.shown)
        failed = self.counts.conditions_failed
        for offer_id in decision.suppressed.get(OfferRule.CONDITION_FAILED, ()):
            failed[offer_id] = failed.get(offer_id, 0) + 1

    def _count_withheld(self, found: Mapping[str, int]) -> None:
        # A new table each time: whoever reads the old one meanwhile reads it whole.
        known = self.counts.withheld
        self.counts.withheld = {
            rule: known.get(rule, 0) + found.get(rule, 0) for rule in (*known, *found)
        }

    def _still_there(self, decision: Decision) -> Slate:
        """Leave out what sold out while the decision was being recorded."""
        sold_out = self._shelves.sold_out
        if sold_out is decision.shelf.sold_out:
            return decision.slate
        shown = tuple(one for one in decision.slate.shown if one.sku not in sold_out)
        return replace(decision.slate, shown=shown)
