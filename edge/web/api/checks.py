"""Check what a request names against the shop: placements, products, categories, time.

The shape was checked before; this is what only the shop's own catalog can tell.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from edge.catalog.site import Site
from edge.web.api.bodies import DecideBody, EventBody
from edge.web.api.problems import mistake, refused

WHOLE_SLATE: Final = frozenset({"exposure", "why_opened", "play"})
"""What can happen to a whole slate; a tap is always a tap on something."""


def check_asked(body: DecideBody, site: Site, *, accepts_at: bool) -> None:
    """Refuse what the shop does not have, somebody before a board, and a forbidden ``at``.

    Raises:
        ProblemError: 404 for the placement, 422 for the rest.
    """
    placement = site.placement(body.placement)
    if placement is None:
        wanted = f"one of {', '.join(each.id for each in site.placements)}"
        raise refused([mistake("placement", wanted, body.placement)], status=HTTPStatus.NOT_FOUND)
    check_skus(site, body.basket, "basket[{}]")
    if body.presence is not None and placement.surface == "signage":
        wanted = f"no presence: {placement.id} is a board's, and a board is for everybody"
        raise refused(
            [mistake("presence", wanted, "a presence")], status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    if body.at is not None and not accepts_at:
        wanted = "no `at`: this service goes by its own clock (--clock=request takes it)"
        raise refused(
            [mistake("at", wanted, body.at.isoformat())], status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    if body.fewer:
        known = {product.category for product in site.products}
        unknown = sorted(body.fewer - known)
        if unknown:
            wanted = f"categories of this shop ({', '.join(sorted(known))})"
            raise refused(
                [mistake("fewer", wanted, each) for each in unknown],
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
            )


def check_skus(site: Site, skus: Sequence[str], field: str) -> None:
    """Refuse products that the shop does not have; ``field`` has ``{}`` for the position.

    Raises:
        ProblemError: 422, naming every one of them.
    """
    unknown = [(i, sku) for i, sku in enumerate(skus) if site.product(sku) is None]
    if unknown:
        wanted = f"a product of {site.header.site}"
        raise refused(
            [mistake(field.format(i), wanted, sku) for i, sku in unknown],
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )


def check_event(event: EventBody, index: int) -> None:
    """Refuse a tap, an add or a dismissal that names no slot.

    Raises:
        ProblemError: 422.
    """
    if event.slot is None and event.kind not in WHOLE_SLATE:
        wanted = f"the slot of the {event.kind}, from 0"
        raise refused(
            [mistake(f"events[{index}].slot", wanted, "nothing")],
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
