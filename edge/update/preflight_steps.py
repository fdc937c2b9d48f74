"""Try a model package: look at it, load it, ask it, and measure what it costs.

Runs in the child only. Every step ends with ``RefusedError`` or goes on to the next; what is raised
besides is the child's to report.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import thread_time_ns
from typing import Any, Final

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from edge.core.errors import ModelContractError
from edge.recommend.contract import Contract
from edge.recommend.features import Floats
from edge.recommend.package import (
    MANIFEST,
    GoldenCase,
    ModelPackage,
    check_golden,
    open_package,
    read_golden,
)
from edge.recommend.ranker import MASKED, RankRequest
from edge.update.limits import BASE_P95_MS, MIN_GOLDEN, RANK_P95_MS
from edge.update.preflight_requests import moments, shoppers
from edge.update.static_check import check_graph
from edge.update.verdict import Reason, RefusedError

_NO_MEMORY: Final = ("bad_alloc", "bad allocation", "Failed to allocate memory")
"""How ONNX Runtime says that it got no memory: as text."""

Answer = list[NDArray[Any]]


@dataclass(slots=True)
class Trial:
    """One package on trial, and what was measured so far."""

    files: Mapping[str, bytes]
    contract: Contract
    tell: Callable[[str], None]
    """Is told of each step before it begins."""
    figures: dict[str, float] = field(default_factory=dict)


def try_package(trial: Trial) -> None:
    """Take every step; the figures are in ``trial``.

    Raises:
        RefusedError: The package is not to be used.
    """
    trial.tell("static")
    _look(trial)
    trial.tell("load")
    with _refusing(Reason.LOAD):
        package = open_package(trial.files, contract=trial.contract)
    trial.tell("golden")
    with _refusing(Reason.GOLDEN):
        _ask_golden(trial, package)
    draws = default_rng(int.from_bytes(hashlib.sha256(trial.files[MANIFEST]).digest()[:8]))
    with _refusing(Reason.LOAD):
        trial.tell("hours")
        bases = _ask_hours(trial, package, draws)
        trial.tell("shoppers")
        _ask_shoppers(trial, package, bases, draws)


@contextmanager
def _refusing(reason: Reason) -> Iterator[None]:
    """Whatever breaks the contract in here is refused for ``reason``."""
    try:
        yield
    except RefusedError:
        raise
    except ModelContractError as error:
        is_memory = any(sign in str(error) for sign in _NO_MEMORY)
        raise RefusedError(Reason.MEMORY if is_memory else reason, str(error)) from error


def _look(trial: Trial) -> None:
    breaches: list[str] = []
    for form in ("serving", "base", "full"):
        checked = check_graph(trial.files[f"{form}.onnx"], trial.contract.forms[form])
        breaches += (f"{form}.onnx: {breach}" for breach in checked.breaches)
        trial.figures[f"{form}_nodes"] = checked.nodes
        trial.figures[f"{form}_weights_bytes"] = checked.initializer_bytes
    if breaches:
        raise RefusedError(Reason.STATIC, *breaches)


def _ask_golden(trial: Trial, package: ModelPackage) -> None:
    cases = read_golden(trial.files["golden.json"], len(package.items))
    if len(cases) < MIN_GOLDEN:
        msg = f"golden.json: wanted at least {MIN_GOLDEN} requests, got {len(cases)}"
        raise RefusedError(Reason.GOLDEN, msg)
    for number, case in enumerate(cases):
        answer = _answer(package, case)
        if not _is_finite(answer):
            raise RefusedError(Reason.NAN, f"golden request {number}: an answer is not a number")
    check_golden(package, cases, trial.contract)
    trial.figures["golden_requests"] = len(cases)


def _answer(package: ModelPackage, case: GoldenCase) -> Answer:
    base = package.base(case.context, case.trend)
    return [base, *package.ranker.answer(replace(case.request, base=base))]


def _ask_hours(trial: Trial, package: ModelPackage, draws: Generator) -> list[Floats]:
    costs = _Costs("base", BASE_P95_MS)
    bases: list[Floats] = []
    for context, trend in moments(len(package.items), draws):
        with costs:
            base = package.base(context, trend)
        if not _is_finite([base]):
            msg = f"the base of hour {int(np.argmax(context[:24]))} is not a number everywhere"
            raise RefusedError(Reason.NAN, msg)
        if len(bases) < _KEPT:
            bases.append(base)
    trial.figures["base_p95_ms"] = costs.p95_ms()
    return bases


_KEPT: Final = 12
"""Bases of so many hours are ranked with; 50,000 items make each 400 kB."""


def _ask_shoppers(
    trial: Trial, package: ModelPackage, bases: list[Floats], draws: Generator
) -> None:
    costs = _Costs("rank", RANK_P95_MS)
    for number, request in enumerate(shoppers(len(package.items), bases, draws)):
        with costs:
            answer = package.ranker.answer(request)
        if not _is_finite(answer):
            msg = (
                f"shopper {number}, with {len(request.history)} purchases and "
                f"{len(request.basket)} items in the basket: an answer is not a number"
            )
            raise RefusedError(Reason.NAN, msg)
        wrong = _wrong(answer[0], answer[1], request)
        if wrong:
            raise RefusedError(Reason.GOLDEN, f"shopper {number}: {wrong}")
    trial.figures["rank_p95_ms"] = costs.p95_ms()


def _is_finite(answer: Iterable[NDArray[Any]]) -> bool:
    return all(bool(np.isfinite(part).all()) for part in answer)


def _wrong(items: NDArray[Any], score: NDArray[Any], request: RankRequest) -> str:
    """Say what is wrong with a ranking whoever asked; nothing if it is right."""
    size = len(request.available)
    if items.shape != score.shape or ((items < 0) | (items >= size)).any():
        return f"wanted items 0 to {size - 1} with a score each, got others"
    if (np.diff(score) > 0).any():
        return "wanted falling scores, got rising ones"
    shown = items[score > MASKED]
    if len(set(shown.tolist())) != len(shown):
        return "wanted each item once, got one twice"
    may = request.available.copy()
    may[request.exclude] = False
    if not may[shown].all():
        return f"wanted nothing that is left out, got item {int(shown[~may[shown]][0])}"
    if len(shown) < min(len(items), int(may.sum())):
        return f"wanted every item that may be shown, got {len(shown)} of {int(may.sum())}"
    return ""


class _Costs:
    """CPU time of calls; ends a trial as soon as it is sure that it costs too much."""

    def __init__(self, of: str, most_ms: float) -> None:
        self._of = of
        self._most_ms = most_ms
        self._spent_ms: list[float] = []
        self._began_ns = 0

    def __enter__(self) -> None:
        self._began_ns = thread_time_ns()

    def __exit__(self, kind: object, *_: object) -> None:
        self._spent_ms.append((thread_time_ns() - self._began_ns) / 1e6)
        slow = [spent for spent in self._spent_ms if spent > self._most_ms]
        if kind is None and len(slow) > _SLOW_CALLS:
            msg = (
                f"wanted {self._of} within {self._most_ms:g} ms of CPU time 19 times of 20, got "
                f"{min(slow):.1f} ms and more {len(slow)} times of {len(self._spent_ms)}"
            )
            raise RefusedError(Reason.LATENCY, msg)

    def p95_ms(self) -> float:
        return round(sorted(self._spent_ms)[int(len(self._spent_ms) * 0.95) - 1], 4)


_SLOW_CALLS: Final = 5
"""Of the 100 shoppers; a sixth makes the 95th of 100 too slow."""
