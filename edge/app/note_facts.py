"""Note what the shop is told: stock, weather, kitchen load; from a till, a tablet or central.

Kept first, in force after its commit, and then every screen that shows it is told at once.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Final

import orjson

from edge.app.shop_state import ShopState
from edge.catalog.site import Site
from edge.context.moment import Weather
from edge.core.clock import Clock
from edge.core.errors import EdgeError, RequestContractError
from edge.store.observed import Observation
from edge.store.outbox import Outgoing
from edge.store.stock import StockLevel
from edge.store.store import Store
from edge.web.ports import ContextFacts, StockChange
from edge.wire.context_message import ContextMessage, WeatherAhead

log = logging.getLogger(__name__)

WEATHER: Final = "weather"
KITCHEN: Final = "kitchen_load"
FORECAST: Final = "forecast"


class NoteFacts:
    """Takes facts in. Safe to call from every thread; ``changed`` is called after each commit."""

    def __init__(
        self,
        store: Store,
        state: ShopState,
        site: Callable[[], Site],
        *,
        clock: Clock,
        events: Callable[[Mapping[str, int | None]], Outgoing],
    ) -> None:
        self._store = store
        self._state = state
        self._site = site
        self._clock = clock
        self._events = events
        self._forecast: tuple[WeatherAhead, ...] = ()
        self.changed: Callable[[], None] = lambda: None
        self.said: Callable[[Mapping[str, int | None]], None] = lambda _levels: None
        """Called with the stock that was said at this device, once it is in force."""

    def recall(self) -> None:
        """Take over what was noted before this start.

        What cannot be read is left out, and unknown: a damaged fact must not stop a shop.
        """
        try:
            _, levels = self._store.reads.stock()
            self._state.stock_is(dict(levels))
        except EdgeError as error:
            log.error("stock from before this start is unknown: %s", error)
        try:
            observed = self._store.reads.observed()
        except (EdgeError, OverflowError) as error:
            log.error("weather and kitchen load from before are unknown: %s", error)
            return
        for name, seen in observed.items():
            try:
                self._take(name, orjson.loads(seen.value), seen.received_at)
            except ValueError as error:  # neither JSON nor what such a fact is made of
                log.error("%s from before this start is unknown: %s", name, error)

    def stock(self, changes: Sequence[StockChange]) -> Future[None]:
        """Note stock; the future resolves when it is on disk and in force.

        Raises:
            RequestContractError: A sku is not of this shop.
        """
        site = self._site()
        unknown = [change.sku for change in changes if site.product(change.sku) is None]
        if unknown:
            msg = (
                f"wanted products of {site.header.site}, got sku {unknown[0][:60]!r}; see the menu"
            )
            raise RequestContractError(msg)
        levels = {change.sku: change.available for change in changes}
        kept = self._store.set_stock(
            [StockLevel(sku, available) for sku, available in levels.items()],
            [self._events(levels)],
        )

        def in_force() -> None:
            self._state.stock_is(levels)
            self.said(levels)

        return self._then(kept, in_force)

    def shared_stock(self, levels: Mapping[str, int | None]) -> Future[None]:
        """Note stock that was said at another device of the shop, which tells central of it."""
        kept = self._store.set_stock([StockLevel(sku, left) for sku, left in levels.items()], [])
        return self._then(kept, lambda: self._state.stock_is(levels))

    def context(self, facts: ContextFacts, *, source: str = "till") -> Future[None]:
        """Note weather or kitchen load; the future resolves when they are in force."""
        now = self._clock()
        told: dict[str, object] = {}
        if facts.weather is not None:
            told[WEATHER] = {"temp_c": facts.weather.temp_c, "is_wet": facts.weather.is_wet}
        if facts.kitchen_load is not None:
            told[KITCHEN] = facts.kitchen_load
        return self._observe(told, now, source)

    def heard(self, message: ContextMessage) -> Future[None]:
        """Note what central says of the site: a forecast, kitchen load, stock."""
        now = self._clock()
        told: dict[str, object] = {}
        if message.weather:
            told[FORECAST] = [
                {
                    "from_at": ahead.from_at.isoformat(),
                    "temp_c": ahead.temp_c,
                    "is_wet": ahead.is_wet,
                }
                for ahead in message.weather
            ]
        if message.kitchen_load is not None:
            told[KITCHEN] = message.kitchen_load
        site = self._site()
        known = [line for line in message.stock if site.product(line.sku) is not None]
        if len(known) < len(message.stock):
            log.warning("%d stock lines name no product", len(message.stock) - len(known))
        if known:
            self.stock([StockChange(line.sku, line.available) for line in known])
        return self._observe(told, now, "broker")

    def follow_forecast(self) -> None:
        """Put the forecast's present hour in force; to be called about once a minute.

        What a person or a till said since that hour began stays: they can look outside.
        """
        now = self._clock()
        begun = [ahead for ahead in self._forecast if ahead.from_at <= now]
        if begun:
            ahead = max(begun, key=lambda one: one.from_at)
            self._state.weather_since(Weather(ahead.temp_c, ahead.is_wet), ahead.from_at)

    def _observe(self, told: Mapping[str, object], now: datetime, source: str) -> Future[None]:
        kept = self._store.observe(
            [Observation(name, orjson.dumps(value), source, now) for name, value in told.items()]
        )

        def in_force() -> None:
            for name, value in told.items():
                self._take(name, value, now)

        return self._then(kept, in_force)

    def _take(self, name: str, value: object, at: datetime) -> None:
        match name, value:
            case "weather", {"temp_c": int() | float() as temp_c, "is_wet": bool() as is_wet}:
                self._state.weather_is(Weather(float(temp_c), is_wet), at)
            case "kitchen_load", int() | float() as load:
                self._state.kitchen_is(float(load), at)
            case "forecast", list() as hours:
                self._forecast = tuple(WeatherAhead.model_validate(hour) for hour in hours)
                self.follow_forecast()
            case _:
                log.warning("ignored an observed fact of an unknown kind: %s", name)

    def _then(self, kept: Future[int] | Future[None], in_force: Callable[[], None]) -> Future[None]:
        done: Future[None] = Future()

        def resolve(kept: Future[int] | Future[None]) -> None:
            error = kept.exception()
            if error is not None:
                done.set_exception(error)
                return
            in_force()
            done.set_result(None)
            self.changed()

        kept.add_done_callback(resolve)
        return done
