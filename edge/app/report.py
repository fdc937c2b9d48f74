"""Turn what happened into the events that central reads: the one place where both are known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edge.decide.decide import Decision
from edge.decide.record import Place
from edge.store.orders import NewOrder
from edge.wire.cloudevents import Event
from edge.wire.events import DecisionFacts, Events, OrderFacts, OrderLineFacts


class Report:
    """Makes this device's events from what its use cases know."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def decision(self, decision: Decision, place: Place, now: datetime) -> Sequence[Event]:
        """Return the event of a decision.

        Its time is when it was made, also where a replay named another moment for it.
        """
        shelf = decision.shelf
        facts = DecisionFacts(
            slate=decision.slate,
            surface=place.surface,
            screen_id=decision.asked.screen_id,
            visit_id=decision.asked.visit_id,
            basket=decision.asked.basket,
            context=replace(shelf.context, at=now),
            site_digest=shelf.bundle.site.digest,
            model=shelf.bundle.ranker.digest,
        )
        return (self._events.decision(facts),)

    def order(self, order: NewOrder, display_no: int) -> Sequence[Event]:
        """Return the event of an order under its number."""
        facts = OrderFacts(
            order_id=order.order_id,
            lines=[
                OrderLineFacts(line.sku, line.options, line.quantity, line.unit_minor)
                for line in order.lines
            ],
            total_minor=order.total_minor,
            currency=order.currency,
            display_no=display_no,
            service=order.service,
            taken_at=order.taken_at,
            screen_id=order.screen_id,
            visit_id=order.visit_id,
        )
        return (self._events.order(facts),)
