"""Score a model by the protocols of the design, for people whom nobody knows.

*Basket completion*: each item of each ticket with two or more items is held out in turn; the model
sees the rest of the ticket and the ticket's local time, and ranks everything that is not in the
rest. HR@k is the share of held-out items within the first k; MRR@10 the mean of 1/rank, 0 beyond
ten. Equal scores rank in index order, as in the graph.

*Board*: the model sees only the local time; R@5 is the mean share of a ticket's items within the
first five.

Items that the training days never sold are no items of the model: they are left out of tickets.
Whoever replays tickets over HTTP gets the same figures by the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.training.additive import BASKET_SIZES, Additive, Doubles
from models.training.prepare import Ints, Tickets
from models.training.trend_inputs import TrendInputs

CHUNK: Final = 4_000_000
"""Scores in memory at a time, over the number of items."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The rank of every held-out item, 1 is best, beside the size of the basket it was ranked for."""

    rank: Ints
    basket_size: Ints

    def hr(self, k: int) -> float:
        """Return the share of held-out items within the first ``k``."""
        return float((self.rank <= k).mean()) if len(self.rank) else 0.0

    def mrr(self, k: int = 10) -> float:
        """Return the mean of 1/rank, 0 beyond ``k``."""
        return (
            float(np.where(self.rank <= k, 1.0 / self.rank, 0.0).mean()) if len(self.rank) else 0.0
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all items for a run of requests, and which items each asks about."""

    score: Doubles  # (n, N), -inf where an item is in the basket
    wanted: NDArray[np.bool_]  # (n, N) what was bought
    target: Ints  # (n,) the held-out item, -1 where there is none
    basket_size: Ints  # (n,)


def completion(model: Additive, tickets: Tickets, trend: TrendInputs | None = None) -> Completion:
    """Return the ranks of basket completion over ``tickets``."""
    ranks, sizes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for scores in completion_scores(model, tickets, trend):
        own = np.take_along_axis(scores.score, scores.target[:, None], axis=1)
        before = np.arange(scores.score.shape[1]) < scores.target[:, None]
        better = (scores.score > own) | ((scores.score == own) & before)
        ranks.append(1 + better.sum(axis=1))
        sizes.append(scores.basket_size)
    return Completion(np.concatenate(ranks), np.concatenate(sizes))


def board_recall(
    model: Additive, tickets: Tickets, trend: TrendInputs | None = None, k: int = 5
) -> float:
    """Return the mean share of a ticket's items within the first ``k`` of the board."""
    found = [np.zeros(0)]
    for scores in board_scores(model, tickets, trend):
        best = _best(scores.score, k)
        hits = np.take_along_axis(scores.wanted, best, axis=1).sum(axis=1)
        found.append(hits / scores.wanted.sum(axis=1))
    return float(np.concatenate(found).mean())


def completion_scores(
    model: Additive, tickets: Tickets, trend: TrendInputs | None
) -> Iterator[Scores]:
    """Yield the requests of basket completion with their scores, some at a time."""
    multi = np.flatnonzero(tickets.size[tickets.ticket] > 1)
    entries = tickets.ticket
    for at in _chunks(multi, len(model.items)):
        ticket, target = entries[at], tickets.item[at]
        of, row = np.unique(ticket, return_inverse=True)
        base, wanted = _base(model, tickets, of, trend), _members(tickets, of)
        lifts = _lift_sums(model, wanted)
        size = tickets.size[ticket] - 1
        scale = model.affinity.scale[np.minimum(size, BASKET_SIZES - 1)].astype(np.float64)
        bought = np.zeros((len(at), len(model.items)), dtype=np.bool_)
        bought[np.arange(len(at)), target] = True
        own = _lift_sums(model, bought)
        score = base[row] + (lifts[row] - own) * scale[:, None]
        basket = wanted[row]
        basket[np.arange(len(at)), target] = False
        score[basket] = -np.inf
        yield Scores(score, bought, target, size)


def board_scores(model: Additive, tickets: Tickets, trend: TrendInputs | None) -> Iterator[Scores]:
    """Yield one request with an empty basket per ticket with their scores, some at a time."""
    for of in _chunks(np.arange(len(tickets)), len(model.items)):
        nothing = np.zeros(len(of), dtype=np.int64)
        yield Scores(_base(model, tickets, of, trend), _members(tickets, of), nothing - 1, nothing)


def _best(score: Doubles, k: int) -> Ints:
    """Return the first ``k`` of each row, equal scores in index order; k is small."""
    left = score.copy()
    rows = np.arange(len(left))
    best = []
    for _ in range(min(k, left.shape[1])):
        best.append(left.argmax(axis=1))
        left[rows, best[-1]] = -np.inf
    return np.stack(best, axis=1)


def _chunks(of: Ints, items: int) -> Iterator[Ints]:
    step = max(1, CHUNK // items)
    for first in range(0, len(of), step):
        yield of[first : first + step]


def _base(model: Additive, tickets: Tickets, of: Ints, trend: TrendInputs | None) -> Doubles:
    hour_of_all_time: Ints = tickets.day[of] * 24 + tickets.hour[of]
    _, first, row = np.unique(hour_of_all_time, return_index=True, return_inverse=True)
    base = model.moment(tickets.contexts()[of[first]])[row]
    if trend is None:
        return base
    for i in np.flatnonzero(trend.row[of]):
        share = np.exp(base[i]) / len(model.items)
        base[i] += model.trend.part(trend.orders[trend.row[of[i]]], share)
    return base


def _members(tickets: Tickets, of: Ints) -> NDArray[np.bool_]:
    members = np.zeros((len(of), len(tickets.names)), dtype=np.bool_)
    size = tickets.size[of]
    row = np.repeat(np.arange(len(of)), size)
    within = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    members[row, tickets.item[np.repeat(tickets.start[of], size) + within]] = True
    return members


def _lift_sums(model: Additive, members: NDArray[np.bool_]) -> Doubles:
    affinity = model.affinity
    if affinity.neighbour is None:
        return members.astype(np.float64) @ affinity.lift
    sums = np.zeros(members.shape, dtype=np.float64)
    row, item = np.nonzero(members)
    np.add.at(sums, (row[:, None], affinity.neighbour[item]), affinity.lift[item])
    return sums
