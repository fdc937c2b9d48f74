"""Keep what happened to something shown, tied to the decision that showed it.

It belongs to the visit that the decision is recorded under, whatever the sender says: a decision
made while allergens are filtered has a visit of its own, and an engagement that named the real
one would join the two again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace

from edge.core.errors import StorageUnavailableError
from edge.decide.engagement import Engagement
from edge.store.store import Store
from edge.wire.cloudevents import Event


class RecordEngagement:
    """Keeps engagements. Safe to call from every thread."""

    def __init__(self, store: Store, event: Callable[[Engagement], Event]) -> None:
        self._store = store
        self._event = event

    def __call__(self, engagements: Sequence[Engagement]) -> Future[tuple[str, ...]]:
        """Keep ``engagements`` and return their ids once they are on disk.

        A repeat is acknowledged like the first time: it is on disk.
        """
        engagements = [self._of_recorded_visit(one) for one in engagements]
        kept = self._store.add_events([self._event(one) for one in engagements], engagements)
        ids = tuple(one.event_id for one in engagements)
        done: Future[tuple[str, ...]] = Future()

        def resolve(kept: Future[int]) -> None:
            error = kept.exception()
            if error is None:
                done.set_result(ids)
            else:
                done.set_exception(error)

        kept.add_done_callback(resolve)
        return done

    def _of_recorded_visit(self, engagement: Engagement) -> Engagement:
        try:
            decision = self._store.reads.decision(engagement.decision_id)
        except StorageUnavailableError:
            return replace(engagement, visit_id=None)  # better of no visit than of the wrong one
        if decision is None:
            return engagement
        return replace(engagement, visit_id=decision.visit_id)
