"""Replay what the trend input was at every ticket, by the rules the device follows.

The device's own rule (``edge.context.trend``) does the counting, so that training sees the same
thresholds and the same rounding: at most shops a trend is rare.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.context.trend import GRID, MIN_ORDERS, WINDOW, trend
from models.training.prepare import Ints, Tickets

_GRID_S = int(GRID.total_seconds())
_WINDOW_S = int(WINDOW.total_seconds())


@dataclass(frozen=True, slots=True)
class TrendInputs:
    """The distinct trend inputs of a run of tickets; row 0 is "no trend"."""

    orders: NDArray[np.float32]  # (U, N)
    row: Ints  # (T,) which input was in force at each ticket

    @property
    def share(self) -> float:
        """Share of tickets at which there was a trend."""
        return float((self.row > 0).mean()) if len(self.row) else 0.0


def replay_trend(tickets: Tickets) -> TrendInputs:
    """Return the trend input in force at each of ``tickets``, each site by itself."""
    row = np.zeros(len(tickets), dtype=np.int64)
    found = [np.zeros(len(tickets.names), dtype=np.float32)]
    at = tickets.day * 86_400 + tickets.second
    for site in np.unique(tickets.site):
        here = np.flatnonzero(tickets.site == site)
        here = here[np.argsort(at[here], kind="stable")]
        grid: Ints = at[here] // _GRID_S * _GRID_S
        marks, of_mark = np.unique(grid, return_inverse=True)
        first = np.searchsorted(at[here], marks - _WINDOW_S)
        last = np.searchsorted(at[here], marks)
        of_row = np.zeros(len(marks), dtype=np.int64)
        for mark in np.flatnonzero(last - first >= MIN_ORDERS).tolist():
            orders = _orders(tickets, here[int(first[mark]) : int(last[mark])])
            if orders.any():
                of_row[mark] = len(found)
                found.append(orders)
        row[here] = of_row[of_mark]
    return TrendInputs(np.stack(found), row)


def _orders(tickets: Tickets, of: Ints) -> NDArray[np.float32]:
    baskets = [
        {str(item) for item in tickets.item[tickets.start[t] : tickets.start[t + 1]]} for t in of
    ]
    orders = np.zeros(len(tickets.names), dtype=np.float32)
    for item, number in trend(baskets).items():
        orders[int(item)] = number
    return orders
