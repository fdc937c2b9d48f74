"""What is so in the shop right now, held in memory: stock, weather, kitchen, trend.

The store is where it is kept; this is what a decision reads, so that no request waits for a
table. It changes after the commit that made a fact durable, never before.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from edge.catalog.hours import daypart_at, is_open_at, local
from edge.catalog.site import Site
from edge.context.moment import STALE_CONTEXT, Context, Weather
from edge.context.trend import WINDOW, grid_moment, trend

T = TypeVar("T")

OrdersBetween = Callable[[datetime, datetime], list[frozenset[str]]]


class ShopState:
    """The present facts of one shop. Safe to use from every thread."""

    def __init__(self, site: Site, orders_between: OrdersBetween) -> None:
        self._site = site
        self._orders_between = orders_between
        self._lock = threading.Lock()
        self._stock: dict[str, int] = {}
        self._sold_out: frozenset[str] = frozenset()
        self._weather: tuple[Weather, datetime] | None = None
        self._kitchen: tuple[float, datetime] | None = None
        self._trend: tuple[datetime | None, Mapping[str, int]] = (None, {})

    @property
    def sold_out(self) -> frozenset[str]:
        """The skus of which nothing is left."""
        return self._sold_out

    def levels(self) -> Mapping[str, int]:
        """Return what is known to be left, sku by sku; an unknown sku is available."""
        with self._lock:
            return dict(self._stock)

    def stock_is(self, levels: Mapping[str, int | None]) -> None:
        """Take over stock levels; None makes a sku unknown again, which is available."""
        with self._lock:
            for sku, available in levels.items():
                if available is None:
                    self._stock.pop(sku, None)
                else:
                    self._stock[sku] = available
            self._sold_out = frozenset(sku for sku, left in self._stock.items() if left <= 0)

    def weather_is(self, weather: Weather | None, at: datetime) -> None:
        """Take over the weather heard at ``at``; None forgets it."""
        self._weather = None if weather is None else (weather, at)

    def weather_since(self, weather: Weather, at: datetime) -> None:
        """Take over a forecast for the time from ``at``, unless something newer was heard."""
        if self._weather is None or self._weather[1] < at:
            self._weather = (weather, at)

    def kitchen_is(self, load: float | None, at: datetime) -> None:
        """Take over the kitchen's load heard at ``at``; None forgets it."""
        self._kitchen = None if load is None else (load, at)

    def refresh_trend(self, at: datetime) -> None:
        """Count what sells, when the 10-minute grid has moved on since the last count."""
        mark = grid_moment(at)
        if self._trend[0] == mark:
            return
        self._trend = (mark, trend(self._orders_between(mark - WINDOW, mark)))

    def context(self, at: datetime, *, live: bool = True) -> Context:
        """Return the moment ``at`` as the shop lives it.

        Args:
            at: Aware.
            live: False for a moment that a replay names: then nothing that is true only now
                (weather, kitchen, what sells in these minutes) is mixed into it.
        """
        header = self._site.header
        local_at = local(header, at)
        daypart = daypart_at(header, local_at)
        return Context(
            at=at,
            local_at=local_at,
            daypart_id=daypart.id if daypart else None,
            is_open=is_open_at(header, local_at),
            weather=_fresh(self._weather, at) if live else None,
            kitchen_load=_fresh(self._kitchen, at) if live else None,
            trend=self._trend[1] if live else {},
        )


def _fresh(heard: tuple[T, datetime] | None, at: datetime) -> T | None:
    # Heard in the future: by a clock that was ahead, and then it would stay fresh for as long.
    return heard[0] if heard and abs(at - heard[1]) <= STALE_CONTEXT else None
