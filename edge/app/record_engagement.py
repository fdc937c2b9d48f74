"""Keep what happened to something shown, tied to the decision that showed it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

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
