"""How often each product was ordered here lately: what ranks where no model does."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from edge.app.foundation import Foundation
from edge.context.trend import trend
from edge.core.errors import StorageUnavailableError

log = logging.getLogger(__name__)

POPULAR_DAYS: Final = timedelta(days=28)
"""Orders that popularity counts: four of every weekday."""


def order_counts(core: Foundation) -> Mapping[str, int]:
    """Return orders per sku by the rule for boards: no single order may decide a hero."""
    now = core.clock()
    try:
        orders = core.store.reads.orders_between(now - POPULAR_DAYS, now)
    except StorageUnavailableError as error:
        log.error("popularity starts from nothing, because orders cannot be read: %s", error)
        return {}
    return trend(skus for _, skus in orders)
