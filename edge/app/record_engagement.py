"""Keep what happened to something shown, tied to the decision that showed it.

It belongs to the visit that the decision is recorded under, whatever the sender says: a decision
made while allergens are filtered has a visit of its own, and an engagement that named the real
one would join the two again.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Literal

from edge.core.errors import StorageUnavailableError
from edge.decide.engagement import Engagement
from edge.store.decisions import RecordedDecision
from edge.store.store import Store
from edge.wire.cloudevents import Event

_Decision = RecordedDecision | Literal["unreadable"] | None


class RecordEngagement:
    """Keeps engagements. Safe to call from every thread."""

    def __init__(
        self,
        store: Store,
        event: Callable[[Engagement, Mapping[str, object] | None], Event],
    ) -> None:
        self._store = store
        self._event = event
        self.count: Callable[[Engagement, RecordedDecision], None] = lambda _one, _of: None
        """Called with each engagement that is on disk and new, and the decision it is of."""
        self.assigned: Callable[[Engagement, RecordedDecision], Mapping[str, object] | None] = (
            lambda _one, _of: None
        )
        """Says which arms an engagement counts for, from the decision's record."""

    def __call__(self, engagements: Sequence[Engagement]) -> Future[tuple[str, ...]]:
        """Keep ``engagements`` and return their ids once they are on disk.

        A repeat is acknowledged like the first time: it is on disk.
        """
        found = [(one, self._decision(one)) for one in engagements]
        engagements = [_of_recorded_visit(one, decision) for one, decision in found]
        events = [
            self._event(one, self._assigned(one, decision))
            for one, (_, decision) in zip(engagements, found, strict=True)
        ]
        kept = self._store.add_events(events, engagements)
        ids = tuple(one.event_id for one in engagements)
        done: Future[tuple[str, ...]] = Future()

        def resolve(kept: Future[int]) -> None:
            error = kept.exception()
            if error is None:
                if kept.result():
                    self._count(found)
                done.set_result(ids)
            else:
                done.set_exception(error)

        kept.add_done_callback(resolve)
        return done

    def _count(self, found: Sequence[tuple[Engagement, _Decision]]) -> None:
        for one, decision in found:
            if isinstance(decision, RecordedDecision):
                self.count(one, decision)

    def _assigned(self, one: Engagement, decision: _Decision) -> Mapping[str, object] | None:
        return self.assigned(one, decision) if isinstance(decision, RecordedDecision) else None

    def _decision(self, engagement: Engagement) -> _Decision:
        try:
            return self._store.reads.decision(engagement.decision_id)
        except StorageUnavailableError:
            return "unreadable"


def _of_recorded_visit(engagement: Engagement, decision: _Decision) -> Engagement:
    if decision is None:
        return engagement
    # Better of no visit than of the wrong one.
    visit_id = None if isinstance(decision, str) else decision.visit_id
    return replace(engagement, visit_id=visit_id)
