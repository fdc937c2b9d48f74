"""How often each product was ordered here lately: where no model ranks, and for strategies."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from edge.app.foundation import Foundation
from edge.context.trend import trend
from edge.core.errors import StorageUnavailableError
from edge.decide.sold import Sold

log = logging.getLogger(__name__)

POPULAR_DAYS: Final = timedelta(days=28)
"""Orders that popularity counts: four of every weekday."""

RECENT: Final = timedelta(days=1)


def order_counts(core: Foundation, span: timedelta = POPULAR_DAYS) -> Mapping[str, int]:
    """Return orders per sku by the rule for boards: no single order may decide a hero."""
    now = core.clock()
    try:
        orders = core.store.reads.orders_between(now - span, now)
    except StorageUnavailableError as error:
        log.error("popularity starts from nothing, because orders cannot be read: %s", error)
        return {}
    return trend(skus for _, skus in orders)


def sold_lately(core: Foundation) -> Sold:
    """Return what strategies count by; nothing in a shop whose placements name none."""
    names = {one.by for place in core.current_site().placements for one in place.strategies}
    return Sold(
        of_month=order_counts(core) if "popular" in names else {},
        of_day=order_counts(core, RECENT) if "recent" in names else {},
    )
