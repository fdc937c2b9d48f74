"""The shelf in force: made again when the moment, the stock or the model changes.

Recomputing the base vector per request would cost more than the decision itself, so a few
shelves are kept; a replay that walks through a day meets one per hour.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from edge.app.shop_state import ShopState
from edge.decide.bundle import Bundle
from edge.decide.shelf import Shelf, shelf_key, stock_shelf
from edge.decide.sold import NOTHING_SOLD, Sold
from edge.policy.offers import short_of

MOST_KEPT: Final = 32


class Shelves:
    """Gives the shelf of a moment. Safe to use from every thread."""

    def __init__(self, state: ShopState, bundle: Callable[[], Bundle]) -> None:
        self._state = state
        self._bundle = bundle
        self._kept: OrderedDict[tuple[object, ...], Shelf] = OrderedDict()
        self._lock = threading.Lock()
        self._sold = NOTHING_SOLD

    def sold_is(self, sold: Sold) -> None:
        """Take over what was ordered lately; shelves made from now on count by it."""
        if sold != self._sold:
            self._sold = sold

    def at(self, at: datetime, *, live: bool = True, bundle: Bundle | None = None) -> Shelf:
        """Return the shelf of ``at``; ``live`` as in ``ShopState.context``."""
        bundle = bundle or self._bundle()
        context = self._state.context(at, live=live)
        sold_out = self._state.sold_out
        short, sold = self._short(bundle), self._sold
        # A kept shelf keeps its bundle and its counts alive, so that no other gets their ids.
        key = (id(bundle), id(sold), *shelf_key(context, sold_out, short))
        shelf = self._kept.get(key)
        if shelf is None:
            shelf = self._keep(key, stock_shelf(bundle, context, sold_out, short, sold))
        return shelf if shelf.context.at == at else shelf.moved_to(context)

    def keep_only(self, bundles: Sequence[Bundle]) -> None:
        """Let the shelves of other bundles go, and so the bundles themselves."""
        with self._lock:
            for key, shelf in list(self._kept.items()):
                if not any(shelf.bundle is one for one in bundles):
                    del self._kept[key]

    @property
    def sold_out(self) -> frozenset[str]:
        """The skus of which nothing is left, right now."""
        return self._state.sold_out

    def _short(self, bundle: Bundle) -> frozenset[str]:
        offers = bundle.offers.with_stock
        return short_of(offers, self._state.levels()) if offers else frozenset()

    def _keep(self, key: tuple[object, ...], shelf: Shelf) -> Shelf:
        with self._lock:
            self._kept[key] = shelf
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return shelf
