"""What caps go by: what was painted in each visit and on each board, counted in memory.

A visit is a random name, and what is kept of it ends two hours after something last happened in
it. While allergens are filtered, rows belong to a visit of their own (see ``ServePlacement``): what
was painted before counts on, what is painted then counts for nobody. Of a person nothing is kept
over visits: their own caps hold within the visit that they are recognised in.

What is on disk is counted, and after a start it is counted again, so an end at any moment loses
nothing that was acknowledged. Each decision counts once, however often it is reported.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from edge.catalog.site import Site
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.decide.values import Asked
from edge.policy.contacts import NO_CONTACTS, Contacts, Moments
from edge.store.reads import Reads
from edge.store.seen import Seen, Since

MOST_VISITS: Final = 4_096
VISIT_OVER: Final = timedelta(hours=2)
MOST_BOARDS: Final = 256
MOST_RECALLED: Final = 5_000
"""What was seen last is counted again after a start; in a shop with more, caps begin lower."""

IMPLICIT: Final = "product:"
"""How the id of a product as itself begins: it has no caps."""

log = logging.getLogger(__name__)

_Painted = dict[str, dict[str, datetime]]
"""Offer -> decision -> when it was painted."""


@dataclass(slots=True)
class _Visit:
    touched_at: datetime
    painted: _Painted = field(default_factory=dict)
    dismissed: dict[str, datetime] = field(default_factory=dict)


class ContactsKept:
    """Counts contacts, and tells them. Safe to use from every thread."""

    def __init__(self, site: Callable[[], Site], clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, _Visit] = OrderedDict()
        self._boards: dict[str, _Painted] = {}

    def contacts_of(self, asked: Asked, now: datetime) -> Contacts:
        """Return what was seen in the visit, or on the board, that asks."""
        with self._lock:
            if asked.visit_id is None:
                painted = self._boards.get(asked.screen_id)
                return Contacts(of_board=_moments(painted)) if painted else NO_CONTACTS
            visit = self._visits.get(asked.visit_id)
            if visit is None or now - visit.touched_at >= VISIT_OVER:
                return NO_CONTACTS
            return Contacts(
                of_person=_moments(visit.painted) if asked.recognised is not None else {},
                dismissed=dict(visit.dismissed),
                of_visit={offer: len(times) for offer, times in visit.painted.items()},
            )

    def count(self, seen: Seen) -> None:
        """Count what was painted or sent away; anything else is no contact."""
        if seen.kind not in ("exposure", "dismiss"):
            return
        shown = list(_shown(seen))
        with self._lock:
            if seen.surface == "signage":
                if seen.kind == "exposure" and self._has_room(seen.screen_id):
                    _paint(self._boards.setdefault(seen.screen_id, {}), shown, seen)
            elif seen.visit_id is not None:
                self._in_visit(self._touched(seen.visit_id, seen.at), shown, seen)

    def recall(self, reads: Reads) -> None:
        """Count again what is on disk."""
        now = self._clock()
        since = Since(now - VISIT_OVER, now - self._board_span(), MOST_RECALLED)
        try:
            found = reads.seen_since(since)
        except StorageUnavailableError as error:
            log.error("caps start from nothing, because what was seen cannot be read: %s", error)
            return
        for seen in found:
            self.count(seen)

    def tick(self) -> None:
        """Forget visits that are over, and what no board's cap reaches back to."""
        now = self._clock()
        oldest = now - self._board_span()
        with self._lock:
            # All of them: what a till says late is counted late, so they are in no order of time.
            over = [
                name for name, visit in self._visits.items() if now - visit.touched_at >= VISIT_OVER
            ]
            for name in over:
                del self._visits[name]
            self._boards = {
                screen: kept
                for screen, painted in self._boards.items()
                if (kept := _since(painted, oldest))
            }

    def figures(self) -> Mapping[str, float]:
        """Return of how much there are counts."""
        with self._lock:
            return {"contacts_visits": len(self._visits), "contacts_boards": len(self._boards)}

    def _in_visit(self, visit: _Visit, shown: list[Mapping[str, Any]], seen: Seen) -> None:
        if seen.kind == "exposure":
            _paint(visit.painted, shown, seen)
            return
        for one in shown if seen.slot is not None else ():
            product = self._site().product(str(one["sku"]))
            if product is not None:
                visit.dismissed[product.category] = seen.at

    def _has_room(self, screen_id: str) -> bool:
        return screen_id in self._boards or len(self._boards) < MOST_BOARDS

    def _touched(self, name: str, at: datetime) -> _Visit:
        visit = self._visits.setdefault(name, _Visit(at))
        visit.touched_at = max(visit.touched_at, at)
        self._visits.move_to_end(name)
        if len(self._visits) > MOST_VISITS:
            self._visits.popitem(last=False)
        return visit

    def _board_span(self) -> timedelta:
        caps = (offer.caps.per_board for offer in self._site().offers)
        return max((cap.per for cap in caps if cap is not None), default=timedelta(0))


def _shown(seen: Seen) -> Iterator[Mapping[str, Any]]:
    for one in orjson.loads(seen.body)["slate"]["shown"]:
        if seen.slot is None or one["slot"] == seen.slot:
            yield one


def _paint(painted: _Painted, shown: list[Mapping[str, Any]], seen: Seen) -> None:
    for one in shown:
        if not one["offer"].startswith(IMPLICIT):
            painted.setdefault(one["offer"], {}).setdefault(seen.decision_id, seen.at)


def _moments(painted: _Painted) -> Mapping[str, Moments]:
    return {offer: tuple(sorted(times.values())) for offer, times in painted.items()}


def _since(painted: _Painted, oldest: datetime) -> _Painted:
    left = {
        offer: {decision: at for decision, at in times.items() if at > oldest}
        for offer, times in painted.items()
    }
    return {offer: times for offer, times in left.items() if times}
