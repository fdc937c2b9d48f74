"""Which categories belong together here: counted over weeks of orders, told to each decision.

Only counts over many baskets are kept, in memory; where there are too few, nothing is known
(``edge.policy.linkage``).
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.app.foundation import Foundation
from edge.app.serve_placement import ServePlacement
from edge.app.supervisor import Job
from edge.core.errors import StorageUnavailableError
from edge.decide.state import State
from edge.decide.values import Asked
from edge.policy.linkage import counted, linkage_of
from edge.policy.scene import Linkage

COUNTED: Final = timedelta(days=28)
"""Orders that count: four of every weekday."""

EVERY_S: Final = 21_600
"""Habits change slowly."""

log = logging.getLogger(__name__)


def category_linkage(core: Foundation) -> Linkage | None:
    """Return how categories belong together in the orders here; None: they cannot be read."""
    site, now = core.current_site(), core.clock()
    try:
        orders = core.store.reads.orders_between(now - COUNTED, now)
    except StorageUnavailableError as error:
        log.error("categories are linked by nothing, because orders cannot be read: %s", error)
        return None
    found = ([site.product(sku) for sku in skus] for _, skus in orders)
    return linkage_of(counted([one.category for one in some if one] for some in found))


def join_linkage(core: Foundation, serve: ServePlacement) -> Job:
    """Let decisions know the linkage; returns the job that counts it anew."""
    before = serve.state_of
    latest: Linkage | None = None

    def count() -> None:
        nonlocal latest
        latest = category_linkage(core)

    def state_of(asked: Asked, now: datetime) -> State:
        return replace(before(asked, now), linkage=latest)

    serve.state_of = state_of
    return Job("linkage", EVERY_S, count)
