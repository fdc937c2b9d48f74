"""Count tickets: everything the model is made of is a sum over tickets.

Because counts add, two sites' counts merge by addition, and adding or taking back one ticket
needs no second look at the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.training.prepare import Tickets

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets counted by item, by item and hour, weekday or day, and by pair of items."""

    names: tuple[str, ...]
    tickets: int
    sold: Doubles  # (N,) tickets with the item
    by_hour: Doubles  # (24, N)
    by_weekday: Doubles  # (7, N)
    days: Ints  # (D,) trading days, rising
    by_day: Doubles  # (D, N)
    pair: Ints  # (pairs,) i * N + j, i != j, both ways round, rising
    together: Doubles  # (pairs,) tickets with both


def count(tickets: Tickets) -> Counts:
    """Return the counts of ``tickets``."""
    n = len(tickets.names)
    entry = tickets.ticket
    days, day_at = np.unique(tickets.day, return_inverse=True)
    pair, together = np.unique(_pairs(tickets, n), return_counts=True)
    return Counts(
        names=tickets.names,
        tickets=len(tickets),
        sold=np.bincount(tickets.item, minlength=n).astype(np.float64),
        by_hour=_by(tickets.hour[entry], tickets.item, (24, n)),
        by_weekday=_by(tickets.weekday[entry], tickets.item, (7, n)),
        days=days,
        by_day=_by(day_at[entry], tickets.item, (len(days), n)),
        pair=pair,
        together=together.astype(np.float64),
    )


def faded(counts: Counts, half_life_days: float) -> Doubles:
    """Return what sold, each day counting half of the one a half-life later: ``(N,)``."""
    age = counts.days[-1] - counts.days
    return np.asarray(np.exp2(-age / half_life_days) @ counts.by_day)


def _by(group: Ints, item: Ints, shape: tuple[int, int]) -> Doubles:
    flat = np.bincount(group * shape[1] + item, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(np.float64)


def _pairs(tickets: Tickets, n: int) -> Ints:
    """Return i * n + j for every two different items of every ticket."""
    found = [np.zeros(0, dtype=np.int64)]
    sizes = tickets.size
    for size in np.unique(sizes[sizes > 1]):
        starts = tickets.start[:-1][sizes == size]
        members = tickets.item[starts[:, None] + np.arange(size)]
        codes = members[:, :, None] * n + members[:, None, :]
        found.append(codes[:, ~np.eye(int(size), dtype=np.bool_)].ravel())
    return np.concatenate(found)
