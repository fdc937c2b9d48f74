"""From a described export to a tested model: prepare, split, tune, fit, test once, export.

Nothing here looks at the test days before the one test, and nothing is written: a caller gets
the files and decides where they go.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

import numpy as np

from edge.recommend.contract import Contract
from edge.recommend.ranker import RankRequest
from models.training.additive import Additive
from models.training.calibrate import Reliability, calibrate, reliability, shown_items
from models.training.counts import count
from models.training.datasets import Dataset
from models.training.evaluate import Completion, board_recall, completion
from models.training.export import Identity, Probe, package_files
from models.training.fit import naive_bayes, popular
from models.training.parity import check_parity
from models.training.prepare import Tickets, prepare
from models.training.refine import fit_refined
from models.training.split import Split, split_by_days
from models.training.trend_inputs import TrendInputs, replay_trend
from models.training.tune import STEPS, Tuned, tune

PROBES: Final = 24
"""Requests for parity; the first eight become golden vectors."""


class Progress(Protocol):
    """Shows how far a run is: ``with progress("tune", 80) as step: step()``."""

    def __call__(self, what: str, steps: int) -> AbstractContextManager[Callable[[], None]]:
        """Begin a piece of work of so many steps."""
        ...


@dataclass(frozen=True, slots=True)
class Quality:
    """What one model did on the test days."""

    name: str
    completion: Completion
    board_recall: float


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, what it was made of, and what it did on the test days."""

    dataset: Dataset
    split: Split
    model: Additive
    tuned: Tuned
    calibration: tuple[float, float] | None
    reliability: Reliability | None
    quality: tuple[Quality, ...]  # popular, naive Bayes, ours, ours with trend
    trend_share: float  # of test tickets


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of a package, and how far they are from the trained model."""

    files: dict[str, bytes]
    parity: float
    identity: Identity


def train(dataset: Dataset, progress: Progress) -> Trained:
    """Return a tested model of ``dataset``.

    Raises:
        DatasetContractError: The data set has mistakes.
    """
    with progress("read", 2) as step:
        tickets = prepare(dataset)
        step()
        split = split_by_days(tickets)
        step()
    with progress("tune on validation days", STEPS + 1) as step:
        inputs = replay_trend(split.validation)
        step()
        tuned = tune(split.fit, split.validation, inputs, step)
    early = fit_refined(count(split.fit), split.fit, tuned.settings)
    calibration = calibrate(shown_items(early, split.validation, inputs))
    with progress("test", 5) as step:
        model = fit_refined(count(split.train), split.train, tuned.settings)
        inputs = replay_trend(split.test)
        quality = _test(split, model, inputs, step)
        shown = shown_items(model, split.test, inputs)
        step()
    return Trained(
        dataset=dataset,
        split=split,
        model=model,
        tuned=tuned,
        calibration=calibration,
        reliability=None if calibration is None else reliability(shown, calibration),
        quality=quality,
        trend_share=inputs.share,
    )


def export(trained: Trained, contract: Contract) -> Exported:
    """Return the package of a trained model, held equal to it.

    Raises:
        ModelContractError: A graph differs from the model by more than the contract allows.
    """
    last = date(1970, 1, 1) + timedelta(days=int(trained.split.train.day[-1]))
    identity = Identity(trained.dataset.name, last.isoformat(), trained.calibration)
    tried = probes(trained.split.test, PROBES)
    files = package_files(trained.model, contract, identity, tried[:8])
    return Exported(files, check_parity(trained.model, files, contract, tried), identity)


def probes(tickets: Tickets, number: int) -> tuple[Probe, ...]:
    """Return requests made of real moments and baskets, and of made-up histories and shortages."""
    n = len(tickets.names)
    at = np.linspace(0, len(tickets) - 1, number).astype(np.int64)
    contexts = tickets.contexts()
    return tuple(
        Probe(contexts[t], _orders(n, i), _request(tickets, int(t), i)) for i, t in enumerate(at)
    )


def _orders(n: int, i: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    orders = np.zeros(n, dtype=np.float32)
    if i % 3 == 2:  # the others: no trend, as in most shops at most hours
        orders[i % n] = 10.0
        orders[(7 * i + 1) % n] = 15.0
    return orders


def _request(tickets: Tickets, t: int, i: int) -> RankRequest:
    n = len(tickets.names)
    basket = tickets.item[tickets.start[t] : tickets.start[t + 1]][: i % 4].astype(np.int32)
    history = (np.arange(3 * (i % 5)) * 5 % n).astype(np.int32)
    available = np.ones(n, dtype=np.bool_)
    if n > 1:
        available[(i + np.arange(i % 3)) % n] = False
    return RankRequest(
        history=history,
        history_age=np.arange(len(history), dtype=np.float32) * 4,
        basket=basket,
        exclude=basket,
        available=available,
        base=np.zeros((n, 2), dtype=np.float32),
    )


def _test(
    split: Split, model: Additive, inputs: TrendInputs, step: Callable[[], None]
) -> tuple[Quality, ...]:
    counts = count(split.train)
    found = []
    for name, one, trend in (
        ("popular", popular(counts), None),
        ("naive Bayes lift", naive_bayes(counts), None),
        ("this model", model, None),
        ("this model with trend", model, inputs),
    ):
        ranks = completion(one, split.test, trend)
        found.append(Quality(name, ranks, board_recall(one, split.test, trend)))
        step()
    return tuple(found)
