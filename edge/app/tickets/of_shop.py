"""Turn a till's tickets into the shop's products, before and after a day.

A till counts sizes apart; a menu has one product in sizes. Extras (a syrup) belong to many
products and are no item by themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.app.tickets.file import Ticket
from edge.catalog.site import Site
from edge.core.errors import RequestContractError

MOST_UNKNOWN = 0.5
"""A file of which more is no product of the site was another shop's, or another column."""


@dataclass(frozen=True, slots=True)
class ShopTickets:
    """Tickets of the first trading days, and those after; every item is a sku."""

    first: list[Ticket]
    last: list[Ticket]
    new_items: int  # items of the last days that the first never sold: left out
    unknown_share: float  # of the file's items that are no product of the site: left out

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day of the last tickets."""
        return self.last[0].at.date().isoformat(), self.last[-1].at.date().isoformat()


def till_items(site: Site) -> Mapping[str, str | None]:
    """Return till id -> sku, None for an extra; a sku is its own till id where no till id is it."""
    found: dict[str, str | None] = {product.sku: product.sku for product in site.products}
    for product in site.products:
        for group in product.options:
            sku = product.sku if group.pick == "one" else None
            found |= {till_id: sku for choice in group.choices for till_id in choice.till}
    return found | {till_id: product.sku for product in site.products for till_id in product.till}


def shop_tickets(tickets: Sequence[Ticket], site: Site, from_share: float) -> ShopTickets:
    """Return ``tickets`` as products of ``site``, cut after ``from_share`` of the trading days.

    What was never sold before the cut cannot be known to any ranking made before it, so it is
    left out of the tickets after it, as in the training's own test.

    Raises:
        RequestContractError: The tickets are another shop's, or all on one side of the cut.
    """
    products, unknown_share = as_products(tickets, site)
    if unknown_share > MOST_UNKNOWN:
        msg = (
            f"wanted the tickets of {site.header.site}, got a file of which {unknown_share:.0%} of "
            "the items sold are no product of it; its products name the till's ids under `till`, "
            "and --item names another column"
        )
        raise RequestContractError(msg)
    first, last = split_days(products, from_share)
    known = frozenset(item for ticket in first for item in ticket.items)
    kept = [_only(ticket, known) for ticket in last]
    if not first or not any(ticket.items for ticket in kept):
        msg = "wanted tickets of trading days before and after the cut, got none on one side"
        raise RequestContractError(msg)
    new_items = sum(len(ticket.items) for ticket in last) - sum(len(each.items) for each in kept)
    return ShopTickets(first, [each for each in kept if each.items], new_items, unknown_share)


def as_products(tickets: Sequence[Ticket], site: Site) -> tuple[list[Ticket], float]:
    """Return ``tickets`` with skus for till ids, and the share of items that are no product.

    Sizes of one product on one ticket are one item; a ticket of which nothing is left is none.
    """
    by_till = till_items(site)
    sold = sum(len(ticket.items) for ticket in tickets)
    unknown = sum(item not in by_till for ticket in tickets for item in ticket.items)
    translated = []
    for ticket in tickets:
        skus = (by_till.get(item) for item in ticket.items)
        items = tuple(dict.fromkeys(sku for sku in skus if sku is not None))
        if items:
            translated.append(Ticket(ticket.at, items))
    return translated, unknown / max(1, sold)


def split_days(tickets: Sequence[Ticket], share: float) -> tuple[list[Ticket], list[Ticket]]:
    """Return the tickets of the first ``share`` of the trading days, and those after."""
    days = sorted({ticket.at.date() for ticket in tickets})
    first = set(days[: int(len(days) * share)])
    return (
        [ticket for ticket in tickets if ticket.at.date() in first],
        [ticket for ticket in tickets if ticket.at.date() not in first],
    )


def _only(ticket: Ticket, known: frozenset[str]) -> Ticket:
    return Ticket(ticket.at, tuple(item for item in ticket.items if item in known))
