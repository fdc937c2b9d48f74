"""What a board's hero shows, and when it may change.

Never because of a person: only on a fixed grid of minutes, at a daypart, when the weather or
the stock is set, and at once when the hero itself is sold out (decided.md 22).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.catalog.site import Board
from edge.context.moment import Context
from edge.core.clock import Clock
from edge.decide.values import Asked, Slate


@dataclass(frozen=True, slots=True)
class _Held:
    key: tuple[object, ...]
    slate: Slate | None


class BoardHeroes:
    """Holds each board screen's hero between the moments when it may change."""

    def __init__(
        self,
        serve: Callable[[Asked], Slate],
        context: Callable[[], Context],
        sold_out: Callable[[], frozenset[str]],
        *,
        clock: Clock,
        hold: timedelta,
    ) -> None:
        self._serve = serve
        self._context = context
        self._sold_out = sold_out
        self._clock = clock
        self._hold = hold
        self._held: dict[str, _Held] = {}

    def __call__(self, board: Board, screen_id: str) -> Slate | None:
        """Return the hero of ``board`` on ``screen_id``; None when closed or without one."""
        context = self._context()
        if board.hero is None or not context.is_open:
            return None
        key = (_mark(self._clock(), self._hold), context.daypart_id, context.weather)
        held = self._held.get(screen_id)
        if held is None or held.key != key or self._is_gone(held.slate):
            slate = self._serve(Asked(board.hero, screen_id))
            held = _Held(key, slate if slate.shown else None)
            self._held[screen_id] = held
        return held.slate

    def _is_gone(self, slate: Slate | None) -> bool:
        return slate is not None and any(one.sku in self._sold_out() for one in slate.shown)


def _mark(at: datetime, hold: timedelta) -> int:
    return int(at.timestamp() // hold.total_seconds())
