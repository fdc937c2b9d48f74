"""Complete baskets without the appliance: what any figure must beat.

*Popular* ranks by how many tickets hold an item. *Naive Bayes lift* starts from how often an
item sells at this hour and adds, for each item in the basket, the logarithm of how much more
often it comes with the item than it sells at all. Both know the first part of the tickets
only, and rank everything that is not in the basket.

Source: recommender.md, "Protocols" (basket completion) and "To beat".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.app.tickets.file import Ticket

PAIR_SMOOTHING: Final = 100.0
HOUR_SMOOTHING: Final = 100.0
"""Sales an item is given in advance, in proportion to what it sells at all.

One value for every shop. It was chosen between 50 and 100 with a bakery's last days in view, so the
baseline is slightly flattered there.
"""


@dataclass(frozen=True, slots=True)
class Baselines:
    """What the first tickets tell: sales, log share by hour, log lift by item of the basket."""

    items: tuple[str, ...]
    popular: NDArray[np.float64]
    by_hour: NDArray[np.float64]
    lift: NDArray[np.float64]

    def rankings(
        self, basket: Sequence[str], hour: int, top: int
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the best ``top`` items by popularity and by naive Bayes lift."""
        inside = [i for i, item in enumerate(self.items) if item in basket]
        bayes = self.by_hour[hour] + self.lift[inside].sum(axis=0)
        return self._best(self.popular, inside, top), self._best(bayes, inside, top)

    def _best(self, score: NDArray[np.float64], inside: Sequence[int], top: int) -> tuple[str, ...]:
        order = np.argsort(-score, kind="stable")
        return tuple(self.items[i] for i in order if i not in inside)[:top]


def learn(tickets: Sequence[Ticket]) -> Baselines:
    """Return the baselines of ``tickets``."""
    items = tuple(sorted({item for ticket in tickets for item in ticket.items}))
    index = {item: i for i, item in enumerate(items)}
    pairs = np.zeros((len(items), len(items)))
    hours = np.zeros((24, len(items)))
    for ticket in tickets:
        places = [index[item] for item in ticket.items]
        hours[ticket.at.hour, places] += 1.0
        if len(places) > 1:  # an item bought alone tells nothing about what goes with it
            pairs[np.ix_(places, places)] += 1.0
    sold = hours.sum(axis=0)
    share = sold / sold.sum()
    in_pairs = pairs.diagonal().copy()
    pair_share = np.maximum(in_pairs, 1.0) / max(1.0, in_pairs.sum())
    np.fill_diagonal(pairs, 0.0)
    # Neighbouring hours count half: sales do not change with the stroke of the clock.
    near = hours.copy()
    near[1:] += hours[:-1] / 2
    near[:-1] += hours[1:] / 2
    by_hour = (near + HOUR_SMOOTHING * share) / (near.sum(axis=1, keepdims=True) + HOUR_SMOOTHING)
    with_item = (pairs + PAIR_SMOOTHING * pair_share) / (in_pairs[:, None] + PAIR_SMOOTHING)
    return Baselines(items, sold, np.log(by_hour), np.log(with_item / pair_share))
