"""Take an order over: price it from the catalog, keep it, give it its number.

Handing over is all: no payment, no card. A repeat of the same order id is the same order, so a
kiosk that lost the answer may ask again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from edge.catalog.hours import local
from edge.catalog.order import MAX_LINES, Line, Order, PricedLine, price
from edge.catalog.site import Site
from edge.core.clock import Clock
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.store.orders import NewOrder, OrderLine, StoredOrder
from edge.store.outbox import Outgoing
from edge.store.store import Store
from edge.web.ports import OrderDraft, TakenOrder

COMMIT_WAIT_S: Final = 5.0


class OrderEvents(Protocol):
    """Makes the events that report an order."""

    def __call__(self, order: NewOrder, display_no: int) -> Sequence[Outgoing]:
        """Return the events of ``order`` under its number."""
        ...


class TakeOrder:
    """Takes orders over. Safe to call from every thread."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        sold_out: Callable[[], frozenset[str]],
        *,
        events: OrderEvents,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._sold_out = sold_out
        self._events = events
        self._clock = clock

    def __call__(self, draft: OrderDraft) -> TakenOrder:
        """Return the order as it is on disk.

        Raises:
            RequestContractError: A product is not on sale or sold out, or the order is empty.
            StorageUnavailableError: The disk refused; nothing is ordered.
        """
        site = self._site()
        lines = self._priced(site, draft.lines)
        now = self._clock()
        new = NewOrder(
            order_id=draft.order_id,
            site_day=local(site.header, now).date(),
            service=draft.service,
            lines=tuple(_stored_line(line) for line in lines),
            total_minor=sum(line.total_minor for line in lines),
            currency=site.header.currency,
            taken_at=now,
            screen_id=draft.screen_id,
            visit_id=draft.visit_id,
        )
        kept = self._store.add_order(new, lambda number: self._events(new, number))
        try:
            stored = kept.result(COMMIT_WAIT_S)
        except TimeoutError as error:
            msg = f"wanted the order on disk within {COMMIT_WAIT_S:.0f} s, the disk did not answer"
            raise StorageUnavailableError(msg) from error
        return TakenOrder(as_order(site, stored), stored.event_ids)

    def since(self, at: datetime) -> list[Order]:
        """Return the orders taken at or after ``at``, oldest first."""
        site = self._site()
        return [as_order(site, stored) for stored in self._store.reads.orders_since(at)]

    def _priced(self, site: Site, lines: Sequence[Line]) -> list[PricedLine]:
        if not 1 <= len(lines) <= MAX_LINES:
            msg = f"wanted 1 to {MAX_LINES} lines in an order, got {len(lines)}"
            raise RequestContractError(msg)
        gone = [line.sku for line in lines if line.sku in self._sold_out()]
        if gone:
            msg = f"wanted what is in stock, got {gone[0]!r}, which is sold out; swap or remove it"
            raise RequestContractError(msg)
        return [price(site, line) for line in lines]


def _stored_line(priced: PricedLine) -> OrderLine:
    chosen = {choice.id for choice in priced.choices}
    options = {
        group.id: tuple(choice.id for choice in group.choices if choice.id in chosen)
        for group in priced.product.options
    }
    return OrderLine(
        sku=priced.line.sku,
        options={group: ids for group, ids in options.items() if ids},
        quantity=priced.line.quantity,
        unit_minor=priced.unit_minor,
    )


def as_order(site: Site, stored: StoredOrder) -> Order:
    """Return a stored order with its products, at the prices it was taken at.

    What the menu no longer has is left out of the lines, not out of the total.
    """
    new = stored.order
    lines = [
        replace(
            price(site, Line(line.sku, line.options, line.quantity)), unit_minor=line.unit_minor
        )
        for line in new.lines
        if site.product(line.sku) is not None
    ]
    return Order(
        order_id=new.order_id,
        display_no=stored.display_no,
        lines=tuple(lines),
        total_minor=new.total_minor,
        currency=new.currency,
        service="eat_in" if new.service == "eat_in" else "take_away",
        taken_at=new.taken_at,
        screen_id=new.screen_id,
        visit_id=new.visit_id,
    )
