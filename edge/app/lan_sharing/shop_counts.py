"""How often each offer was shown and taken today, over all devices of the shop.

A repeated exposure may be counted when it arrives together with a new one: a cap is then reached
a little early, never late.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson

from edge.context.shared_counts import SharedCounts
from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.decide.engagement import Engagement
from edge.store.decisions import RecordedDecision
from edge.store.observed import Observation
from edge.store.store import Store
from edge.wire.lan import MAX_OFFERS, CountsTold, told_bytes

log = logging.getLogger(__name__)

FACT: Final = "shop_counts"
_ONE_DAY: Final = timedelta(days=1)  # another device's clock may be past midnight
SiteDay = Callable[[datetime], date]


class ShopCounts:
    """Counts this device's exposures and adds up the shop's. Safe to use from every thread."""

    def __init__(self, device: str, store: Store, clock: Clock, site_day: SiteDay) -> None:
        self._device = device
        self._store = store
        self._clock = clock
        self._site_day = site_day
        self._lock = threading.Lock()
        self._counts = SharedCounts(device, _kept(store))
        self._has_news = False
        self.keep: Callable[[bytes], None] = lambda _state: None

    def count(self, engagement: Engagement, decision: RecordedDecision) -> None:
        """Count an exposure or an addition of what that decision showed."""
        if engagement.kind not in {"exposure", "add"}:
            return
        day = self._site_day(engagement.at)
        shown, taken = (1, 0) if engagement.kind == "exposure" else (0, 1)
        with self._lock:
            for offer in _offers(decision, engagement.slot):
                self._counts.count(offer, day, shown=shown, taken=taken)
            self._has_news = True

    def heard(self, device: str, told: CountsTold) -> None:
        """Take another device's counts, or this one's from before it started again.

        Only of these days: what is said of others would be kept until they come.
        """
        today = self._site_day(self._clock())
        near = {day: offers for day, offers in told.days.items() if abs(day - today) <= _ONE_DAY}
        with self._lock:
            self._counts.hear(device, near)

    def of_shop(self, offer: str, at: datetime) -> tuple[int, int]:
        """Return how often an offer was (shown, taken) in the shop, on the site's day of ``at``."""
        with self._lock:
            return self._counts.of_shop(offer, self._site_day(at))

    def tick(self) -> None:
        """Tell and keep what is new; to be called every few seconds."""
        today = self._site_day(self._clock())
        with self._lock:
            self._counts.forget_before(today)
            if not self._has_news:
                return
            self._has_news = False
            state = _state(self._counts.own())
        self._store.observe([Observation(FACT, state, "shop", self._clock())])
        self.keep(state)

    def state(self) -> bytes:
        """Return what this device tells the others."""
        with self._lock:
            return _state(self._counts.own())


def _state(own: Mapping[date, Mapping[str, tuple[int, int]]]) -> bytes:
    days = {
        day: dict(sorted(offers.items(), key=lambda item: -sum(item[1]))[:MAX_OFFERS])
        for day, offers in own.items()
    }
    return told_bytes(CountsTold(days=days))


def _offers(decision: RecordedDecision, slot: int | None) -> Sequence[str]:
    found: dict[str, Any] = orjson.loads(decision.body)
    shown = found["slate"]["shown"]
    return [one["offer"] for one in shown if slot is None or one["slot"] == slot]


def _kept(store: Store) -> Mapping[date, Mapping[str, tuple[int, int]]]:
    try:
        seen = store.reads.observed().get(FACT)
        if seen is None:
            return {}
        return CountsTold.model_validate(orjson.loads(seen.value)).days
    except (EdgeError, ValueError, OverflowError) as error:
        log.error("what this device showed today is counted from nothing: %s", error)
        return {}
