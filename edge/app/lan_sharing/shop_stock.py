"""Stock that is said at one device holds at all of them."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

import orjson

from edge.app.note_facts import NoteFacts
from edge.catalog.site import Site
from edge.context.shared_stock import SharedStock, Word
from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.store.observed import Observation
from edge.store.store import Store
from edge.wire.lan import MAX_SKUS, StockTold, told_bytes

log = logging.getLogger(__name__)

FACT: Final = "shop_stock"
"""Under this name the words are kept: their numbers must not fall with a restart."""


class ShopStock:
    """Joins this device's stock with the shop's. Safe to use from every thread."""

    def __init__(
        self, device: str, store: Store, facts: NoteFacts, site: Callable[[], Site], clock: Clock
    ) -> None:
        self._store = store
        self._facts = facts
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._stock = SharedStock(device, _kept(store))
        self.keep: Callable[[bytes], None] = lambda _state: None
        """Takes this device's state whenever it changes."""

    def said(self, levels: Mapping[str, int | None]) -> None:
        """Take what was said at this device, and is on its disk."""
        with self._lock:
            self._stock.say(levels)
        self._changed()

    def heard(self, told: StockTold) -> None:
        """Take what another device told, or this one before it started again."""
        site = self._site()
        words = [
            (sku, Word(seq, device, available))
            for sku, seq, device, available in told.entries
            if site.product(sku) is not None
        ]
        with self._lock:
            before = dict(self._stock.words)
            changed = self._stock.hear(words)
            is_news = self._stock.words != before
        if changed:
            self._facts.shared_stock(changed)
        if is_news:
            self._changed()

    def state(self) -> bytes:
        """Return what this device tells the others."""
        with self._lock:
            words = sorted(self._stock.words.items(), key=lambda item: -item[1].seq)[:MAX_SKUS]
        entries = tuple((sku, word.seq, word.device, word.available) for sku, word in words)
        return told_bytes(StockTold(entries=entries))

    def _changed(self) -> None:
        state = self.state()
        self._store.observe([Observation(FACT, state, "shop", self._clock())])
        self.keep(state)


def _kept(store: Store) -> Mapping[str, Word]:
    try:
        seen = store.reads.observed().get(FACT)
        told = None if seen is None else StockTold.model_validate(orjson.loads(seen.value))
    except (EdgeError, ValueError, OverflowError) as error:
        log.error("what the shop's devices said about stock is unknown: %s", error)
        return {}
    entries = () if told is None else told.entries
    return {sku: Word(seq, device, available) for sku, seq, device, available in entries}
