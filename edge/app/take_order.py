"""Take an order over: price it from the catalog, keep it, give it its number.

Handing over is all: no payment, no card. A repeat of the same order id is the same order, so a
kiosk that lost the answer may ask again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from edge.catalog.hours import local
from edge.catalog.order import MAX_LINES, Line, Order, PricedLine, price
from edge.catalog.product import Product, allergens_with, kcal_with
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
            RequestContractError: A product is not on sale or sold out, the order is empty, or its
                id was used for another order.
            StorageUnavailableError: The disk refused; nothing is ordered.
        """
        site = self._site()
        before = self._before(draft)
        if before is not None:
            return TakenOrder(as_order(site, before), before.event_ids)
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
        _refuse_another(draft, stored)
        return TakenOrder(as_order(site, stored), stored.event_ids)

    def since(self, at: datetime) -> list[Order]:
        """Return the orders taken at or after ``at``, oldest first."""
        site = self._site()
        return [as_order(site, stored) for stored in self._store.reads.orders_since(at)]

    def _before(self, draft: OrderDraft) -> StoredOrder | None:
        """Return the order that ``draft`` repeats: what sold out since does not undo it."""
        try:
            found = self._store.reads.order(draft.order_id)
        except StorageUnavailableError:
            return None  # the writer will say so, or find it
        if found is not None:
            _refuse_another(draft, found)
        return found

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


def _refuse_another(draft: OrderDraft, stored: StoredOrder) -> None:
    """Refuse an id that stands for another order already; answering with that one would lose this.

    Raises:
        RequestContractError: The products, their choices or numbers, or the service differ.
    """
    order = stored.order
    is_same = draft.service == order.service and len(draft.lines) == len(order.lines)
    if not is_same or not all(map(_is_repeat, draft.lines, order.lines)):
        msg = (
            f"wanted a new order_id for a new order, but {draft.order_id} is order "
            f"{stored.display_no} of {order.site_day} already; send it under an id of its own"
        )
        raise RequestContractError(msg)


def _is_repeat(asked: Line, taken: OrderLine) -> bool:
    """Say whether ``taken`` is ``asked`` with the choices filled in that it left open."""
    return (asked.sku, asked.quantity) == (taken.sku, taken.quantity) and all(
        set(ids) == set(taken.options.get(group, ())) for group, ids in asked.options.items() if ids
    )


def as_order(site: Site, stored: StoredOrder) -> Order:
    """Return a stored order with its products, at the prices it was taken at.

    What the menu no longer has is left out of the lines, not out of the total.
    """
    new = stored.order
    lines = [_as_taken(product, line) for line in new.lines if (product := site.product(line.sku))]
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


def _as_taken(product: Product, line: OrderLine) -> PricedLine:
    """Return a stored line; the menu may have lost a choice, or the whole price, since then."""
    wanted = {choice for ids in line.options.values() for choice in ids}
    choices = tuple(
        choice
        for group in product.options
        for choice in group.choices
        if choice.id in line.options.get(group.id, ())
    )
    return PricedLine(
        line=Line(line.sku, line.options, line.quantity),
        product=product,
        choices=choices,
        unit_minor=line.unit_minor,
        kcal=kcal_with(product, choices) if len(choices) == len(wanted) else None,
        allergens=allergens_with(product, choices),
    )
