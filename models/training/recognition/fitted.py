"""Fit the model on training households, and what past orders weigh on validation households.

Everything but the history part is made as for any shop. A household's past orders are cut to what
an appliance keeps and gives to the model, by the appliance's own code.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from edge.decide.history import history
from edge.decide.values import Bought
from edge.identity.day_keys import day_of
from edge.identity.profile import MAX_PURCHASES, Profile, Purchase
from edge.identity.profile_merge import joined
from edge.recommend.features import encode_context
from models.training.additive import Additive, Doubles, History
from models.training.counts import count
from models.training.fit import Settings, fit
from models.training.prepare import Tickets
from models.training.recognition.households import Case, Household
from models.training.recognition.measures import Measures, mean, measured

WEIGHTS: Final = (0.8, 1.6, 2.5, 4.0, 6.0, 9.0)
HALF_LIVES_DAYS: Final = (15.0, 30.0, 60.0, 120.0, 240.0)
SATURATIONS: Final = (0.02, 0.1, 0.3, 1.0, 3.0)
VALIDATION_BASKETS: Final = 4
"""Baskets to tell of each validation household: one each leaves too much to chance."""

_EPOCH: Final = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The history part that did best on validation, and how the shipped rule did there."""

    history: History
    validation: Measures
    by_rule: Measures
    unknown: Measures  # nobody recognised
    cases: int


def tickets_of(households: Sequence[Household], skus: tuple[str, ...], zone: ZoneInfo) -> Tickets:
    """Return all baskets as tickets of the catalog ``skus``, by the shop's wall clock."""
    at = {sku: i for i, sku in enumerate(skus)}
    filled = (b for household in households for b in household.baskets if b.items)
    baskets = sorted(filled, key=lambda basket: basket.at)
    local = [basket.at.astimezone(zone) for basket in baskets]
    days = np.array([moment.date() for moment in local], dtype="datetime64[D]")
    return Tickets(
        names=skus,
        start=np.cumsum([0, *(len(basket.items) for basket in baskets)]),
        item=np.array([at[item] for basket in baskets for item in basket.items], dtype=np.int64),
        day=(days - _EPOCH).astype(np.int64),
        second=np.array([m.hour * 3600 + m.minute * 60 + m.second for m in local]),
        site=np.zeros(len(baskets), dtype=np.int64),
    )


def past_orders(case: Case) -> tuple[Purchase, ...]:
    """Return what central would send before the basket: per product and day, the newest 200.

    A count is the number of the day's baskets with the product: tills count petrol by the drop.
    """
    counted = Counter((item, day_of(basket.at)) for basket in case.before for item in basket.items)
    newest = sorted(counted.items(), key=lambda one: (-one[0][1], one[0][0]))[:MAX_PURCHASES]
    return tuple(Purchase(sku, day, times) for (sku, day), times in newest)


def first_model(households: Sequence[Household], skus: tuple[str, ...], zone: ZoneInfo) -> Additive:
    """Return the model of training households, its history part by the shipped rule."""
    return fit(count(tickets_of(households, skus, zone)), Settings())


def choose_history(
    model: Additive, validation: Sequence[Case], zone: ZoneInfo, step: Callable[[], object]
) -> Chosen:
    """Return the history part with the best nDCG@10; ``step`` is called once per half-life."""
    tried = _Rows(model, validation, zone)
    by_rule = tried.measure(model.history)
    best, score = model.history, by_rule
    for half_life in HALF_LIVES_DAYS:
        for weight, saturation in product(WEIGHTS, SATURATIONS):
            one = History(weight, half_life, saturation)
            if (found := tried.measure(one)).ndcg_10 > score.ndcg_10:
                best, score = one, found
        step()
    return Chosen(
        history=best,
        validation=score,
        by_rule=by_rule,
        unknown=tried.measure(replace(best, weight=0.0)),
        cases=len(validation),
    )


def without_a_service(model: Additive, tests: Sequence[Case], zone: ZoneInfo) -> Measures:
    """Return what the model alone does for recognised households: the service must do the same.

    Not to the last digit: a service counts days from its own hour of the day.
    """
    return _Rows(model, tests, zone).measure(model.history)


class _Rows:
    """Cases as arrays; the faded purchases of one half-life are kept."""

    def __init__(self, model: Additive, cases: Sequence[Case], zone: ZoneInfo) -> None:
        item_of = {sku: i for i, sku in enumerate(model.items)}
        self._items = model.items
        self._wanted = [frozenset(case.target.items) for case in cases]
        contexts = [encode_context(case.target.at.astimezone(zone)) for case in cases]
        self._moment = model.moment(np.stack(contexts))
        self._bought = [history(_bought(case), item_of) for case in cases]
        self._faded: tuple[float, Doubles] = (0.0, np.zeros(0))

    def measure(self, tried: History) -> Measures:
        """Return the mean over the cases."""
        faded = self._faded_at(tried.half_life_days)
        score = self._moment + tried.weight * np.log1p(faded / tried.saturation)
        best = _best(score, 20)
        rows = zip(best, self._wanted, strict=True)
        return mean([measured([self._items[i] for i in row], w, len(w)) for row, w in rows])

    def _faded_at(self, half_life: float) -> Doubles:
        if self._faded[0] != half_life:
            faded = np.zeros_like(self._moment)
            for row, (items, ages) in zip(faded, self._bought, strict=True):
                np.add.at(row, items, np.exp2(-ages.astype(np.float64) / half_life))
            self._faded = (half_life, faded)
        return self._faded[1]


def _bought(case: Case) -> list[Bought]:
    today = day_of(case.target.at)
    kept = joined(Profile(), Profile(purchases=tuple(past_orders(case))), today).purchases
    # An appliance knows days, not hours: it takes noon, and is asked at any hour.
    half = timedelta(hours=12)
    asked = (case.target.at - half).timestamp() / 86_400
    return [Bought(p.sku, max(0.0, asked - p.day), p.count) for p in kept]


def _best(score: Doubles, top: int) -> NDArray[np.int64]:
    top = min(top, score.shape[1])
    near = np.argpartition(-score, top - 1, axis=1)[:, :top]
    order = np.argsort(-np.take_along_axis(score, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1)
