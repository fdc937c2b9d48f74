"""What may be asked of the store. Every answer comes from a read-only connection."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from edge.decide.engagement import Engagement
from edge.store import facts, sales
from edge.store.decisions import Decisions, RecordedDecision
from edge.store.engagements import Engagements
from edge.store.observed import Observation, Observed
from edge.store.orders import Orders, StoredOrder
from edge.store.outbox import LaneDepth, Outbox, Waiting
from edge.store.readers import Readers
from edge.store.seen import Seen, Since, seen_since
from edge.store.stock import Stock


class Reads:
    """Answers from the database; each method raises StorageUnavailableError when it cannot.

    ``edge explain`` uses it on the file of a running service.
    """

    def __init__(self, readers: Readers, outbox: Outbox) -> None:
        self._readers = readers
        self._outbox = outbox
        self._decisions = Decisions()
        self._engagements = Engagements()
        self._orders = Orders()
        self._stock = Stock()
        self._observed = Observed()

    def decision(self, decision_id: str) -> RecordedDecision | None:
        """Return a recorded decision, or None."""
        with self._readers.connection() as con:
            return self._decisions.get(con, decision_id)

    def latest_decisions(self, limit: int) -> Sequence[RecordedDecision]:
        """Return the last decisions, newest first."""
        with self._readers.connection() as con:
            return self._decisions.latest(con, limit)

    def engagements(self, decision_id: str) -> Sequence[Engagement]:
        """Return what happened to a decision's slots."""
        with self._readers.connection() as con:
            return self._engagements.of_decision(con, decision_id)

    def seen_since(self, since: Since) -> Sequence[Seen]:
        """Return what was painted or sent away of late, oldest first."""
        with self._readers.connection() as con:
            return seen_since(con, since)

    def order(self, order_id: str) -> StoredOrder | None:
        """Return an order, or None."""
        with self._readers.connection() as con:
            return self._orders.get(con, order_id)

    def orders_since(self, at: datetime, limit: int = 500) -> Sequence[StoredOrder]:
        """Return orders taken at or after ``at``, oldest first."""
        with self._readers.connection() as con:
            return self._orders.since(con, at, limit)

    def orders_between(
        self, start: datetime, end: datetime
    ) -> Sequence[tuple[str, frozenset[str]]]:
        """Return (order id, skus) of orders in [start, end), for the trend."""
        with self._readers.connection() as con:
            return sales.orders_between(con, start, end)

    def stock(self) -> tuple[int, Mapping[str, int]]:
        """Return the stock's revision and what is known to be left, sku by sku."""
        with self._readers.connection() as con:
            return self._stock.revision(con), self._stock.levels(con)

    def sold_out(self) -> frozenset[str]:
        """Return the skus of which nothing is left."""
        with self._readers.connection() as con:
            return self._stock.sold_out(con)

    def observed(self) -> Mapping[str, Observation]:
        """Return the latest of every fact from outside, by name."""
        with self._readers.connection() as con:
            return self._observed.all(con)

    def waiting(self, lane: str, limit: int, *, after: int = -1) -> Sequence[Waiting]:
        """Return the oldest events of a lane that wait for delivery."""
        with self._readers.connection() as con:
            return self._outbox.oldest(con, lane, limit, after=after)

    def depths(self) -> Mapping[str, LaneDepth]:
        """Return how each lane of the outbox stands."""
        with self._readers.connection() as con:
            return self._outbox.depths(con)

    def epoch(self) -> str:
        """Return the name under which central counts this file's events."""
        with self._readers.connection() as con:
            return facts.epoch(con)
