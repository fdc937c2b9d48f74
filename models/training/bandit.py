"""Replay tickets as choices of one slot: what does drawing cost, and what does learning give back?

A ticket with one of its items hidden is a choice among the twenty that a frozen model thinks most of;
the reward is 1 if what was chosen is the hidden one. So the reward of every choice is known, and
policies are compared on the very same tickets. It is less than a shop: what stands on a ticket would
have been bought anyway, and nothing here is caused by showing it.

The model is fitted on the first days and then frozen, as on a device between two releases; the
learner is the appliance's own, and sees its lessons an hour late, as there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.product import Product
from edge.context.moment import Context
from edge.core.chance import draws
from edge.experiment.features import features
from edge.experiment.hashing import fnv32a
from edge.experiment.ridge import Head, Lesson, Ridge
from edge.experiment.squarecb import probabilities
from models.training.calibrate import calibrate, shown_items, take_probability
from models.training.counts import count
from models.training.evaluate import completion_scores
from models.training.fit import naive_bayes
from models.training.prepare import Tickets
from models.training.split import catalog_of

POOL: Final = 20
FIT_SHARE: Final = 0.3
"""Of the days; the rest is replayed."""
FORGETTING: Final = 0.998
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Doubles = NDArray[np.float64]
Policy = Callable[[Doubles], Sequence[float]]
"""Predicted rewards -> the probability of each choice."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One request: what may be chosen, what the frozen model expects of it, and what was hidden."""

    at: datetime
    basket_count: int
    items: NDArray[np.int64]
    expected: Doubles
    hidden: int


@dataclass(frozen=True, slots=True)
class Played:
    """What a policy got in one replay."""

    reward: float
    """Mean over the choices."""
    mean_weight: float
    """Mean of uniform over logged probability: 1 where the log can judge other policies."""
    weight_error: float
    """The standard error of that mean."""


def greedy(rewards: Doubles) -> Sequence[float]:
    """Always take the best."""
    shares = np.zeros(len(rewards))
    shares[int(rewards.argmax())] = 1.0
    return shares.tolist()


def random(rewards: Doubles) -> Sequence[float]:
    """Take any."""
    return [1 / len(rewards)] * len(rewards)


def epsilon_greedy(rewards: Doubles, epsilon: float = 0.1) -> Sequence[float]:
    """Take any in one case of ten, else the best."""
    shares = np.full(len(rewards), epsilon / len(rewards))
    shares[int(rewards.argmax())] += 1 - epsilon
    return shares.tolist()


def ours(rewards: Doubles) -> Sequence[float]:
    """SquareCB as the appliance draws."""
    return probabilities(rewards.tolist(), gamma=400.0, floor=0.05)


POLICIES: Final[dict[str, tuple[Policy, bool]]] = {
    "random": (random, False),
    "greedy": (greedy, False),
    "epsilon-greedy": (epsilon_greedy, False),
    "squarecb": (ours, False),
    "greedy, learning": (greedy, True),
    "epsilon-greedy, learning": (epsilon_greedy, True),
    "squarecb, learning (ours)": (ours, True),
}
"""Name -> how it chooses, and whether it learns."""


def choices(tickets: Tickets, most: int) -> tuple[list[Choice], tuple[str, ...]]:
    """Return the choices of the days after the fit, in time, at most ``most``, and the items' names."""
    days = np.unique(tickets.day)
    first = days[int(len(days) * FIT_SHARE)]
    past = tickets.only(tickets.day < first)
    known = tickets.of_catalog(catalog_of(past))
    fitted, later = known.only(known.day < first), known.only(known.day >= first)
    model = naive_bayes(count(fitted))
    calibration = calibrate(shown_items(model, fitted, None))
    assert calibration is not None, "wanted tickets of more than one item"
    multi = np.flatnonzero(later.size[later.ticket] > 1)
    of_ticket = later.ticket[multi]
    is_hidden = _one_of_each(of_ticket)
    found: list[Choice] = []
    row = 0
    for scores in completion_scores(model, later, None):
        for score, hidden, size in zip(
            scores.score, scores.target, scores.basket_size, strict=True
        ):
            row += 1
            if not is_hidden[row - 1]:
                continue
            best = np.argsort(-score, kind="stable")[:POOL]
            ticket = int(of_ticket[row - 1])
            seconds = int(later.day[ticket]) * 86_400 + int(later.second[ticket])
            expected = take_probability(score[best], calibration)
            at = _EPOCH + timedelta(seconds=seconds)
            found.append(Choice(at, int(size), best, expected, int(hidden)))
    return found[:most], known.names


def turned(given: Sequence[Choice], share: float) -> list[Choice]:
    """Return the choices with a taste that turns half-way, which no model was told of.

    From the middle on, ``share`` of the items are wanted in each other's place: what was hidden as the
    one is hidden as the next. This is made up, upon real tickets.
    """
    items = sorted({choice.hidden for choice in given})
    some = items[: max(2, int(len(items) * share))]
    after = dict(zip(some, [*some[1:], some[0]], strict=True))
    half = len(given) // 2
    return [
        replace(one, hidden=after.get(one.hidden, one.hidden)) if number >= half else one
        for number, one in enumerate(given)
    ]


def play(name: str, given: Sequence[Choice], names: Sequence[str], seed: int) -> Played:
    """Return what a policy gets of ``given``."""
    policy, learns = POLICIES[name]
    products = [_product(one) for one in names]
    rewards, weights = [], []
    pupil = _Pupil()
    for number, choice in enumerate(given):
        pupil.hour(choice.at)
        x = _features(choice, products)
        expected = choice.expected + (pupil.head.adjust(x) if learns else 0.0)
        shares = policy(np.clip(expected, 0.0, 1.0))
        (at,) = draws(f"{seed}/{name}/{number}", 1)
        chosen = min(int(np.searchsorted(np.cumsum(shares), at, side="right")), len(shares) - 1)
        reward = float(choice.items[chosen] == choice.hidden)
        rewards.append(reward)
        weights.append(1 / (len(shares) * shares[chosen]) if shares[chosen] else 0.0)
        if learns:
            pupil.saw(Lesson(x[chosen], reward - float(choice.expected[chosen])))
    error = float(np.std(weights) / np.sqrt(len(weights)))
    return Played(float(np.mean(rewards)), float(np.mean(weights)), error)


def play_all(
    given: Sequence[Choice], names: Sequence[str], seeds: int
) -> Iterator[tuple[str, list[Played]]]:
    """Yield what each policy gets, once for each seed."""
    for name in POLICIES:
        yield name, [play(name, given, names, seed) for seed in range(seeds)]


def _one_of_each(ticket: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark one entry of each ticket, drawn: the first would always be the best seller."""
    _, first, size = np.unique(ticket, return_index=True, return_counts=True)
    marked = np.zeros(len(ticket), dtype=np.bool_)
    for begin, entries in zip(first.tolist(), size.tolist(), strict=True):
        (at,) = draws(f"hidden/{begin}", 1)
        marked[begin + int(at * entries)] = True
    return marked


class _Pupil:
    """The appliance's learner, with lessons that arrive when the hour is over."""

    def __init__(self) -> None:
        self._ridge = Ridge(forgetting=FORGETTING)
        self._waiting: list[Lesson] = []
        self._hour = _EPOCH
        self.head = Head("0", self._ridge.theta.astype(np.float32))

    def hour(self, at: datetime) -> None:
        now = at.replace(minute=0, second=0)
        if now != self._hour:
            self._hour = now
            for lesson in self._waiting:
                self._ridge.learn(lesson)
            self._waiting = []
            self.head = Head("0", self._ridge.theta.astype(np.float32))

    def saw(self, lesson: Lesson) -> None:
        self._waiting.append(lesson)


def _features(choice: Choice, products: Sequence[Product]) -> NDArray[np.float32]:
    at = choice.at
    moment = Context(at, at, None, is_open=True, weather=None, kitchen_load=None, trend={})
    return features(moment, choice.basket_count, [products[item] for item in choice.items])


def _product(name: str) -> Product:
    # Tills name products, not categories: each is a kind of its own here.
    return Product(
        sku="item",
        name={"en": name},
        section="all",
        category=f"c-{fnv32a(name)}",
        price_minor=0,
        allergens=None,
    )
