"""Drive a running service with tickets, and count what it got right.

*Completion* holds each item of a ticket out in turn and asks for the rest: is it among the
first k? *As shown* builds the ticket item by item and asks what the shopper's strip would have
shown: was the next item in it? The first measures the ranking, the second what a person sees,
spread and exploration included.

Source: recommender.md, "Protocols".
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.app.tickets.client import Answer
from edge.app.tickets.file import Ticket

COMPLETION: Final = "evaluation"
TOP: Final = 10

Decide = Callable[[str, Sequence[str], datetime], Answer]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its right answer."""

    placement: str
    basket: tuple[str, ...]
    at: datetime
    wanted: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A case and what was shown for it; ``place`` of the wanted item counts from 1."""

    case: Case
    place: int | None
    shown: int
    explored: int
    is_degraded: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares of cases in which the wanted item was among the first 1, 3 and 5, and MRR@10."""

    cases: int
    hr_1: float
    hr_3: float
    hr_5: float
    mrr_10: float


def completion_cases(tickets: Iterable[Ticket]) -> list[Case]:
    """Return one case for each item of each ticket of two or more: the rest is the basket."""
    return [
        Case(COMPLETION, tuple(i for i in ticket.items if i != item), ticket.at, item)
        for ticket in tickets
        if len(ticket.items) > 1
        for item in ticket.items
    ]


def strip_cases(tickets: Iterable[Ticket], placement: str) -> list[Case]:
    """Return one case for each item of each ticket, in the order they were rung up."""
    return [
        Case(placement, ticket.items[:place], ticket.at, item)
        for ticket in tickets
        for place, item in enumerate(ticket.items)
    ]


def ask_all(
    cases: Sequence[Case], decide: Decide, *, threads: int, tick: Callable[[], object]
) -> list[Asked]:
    """Return what ``decide`` showed for each case, asked by so many threads at a time.

    Raises:
        EdgeError: The first refusal or failure; what was still waiting is not asked.
    """

    def one(case: Case) -> Asked:
        answer = decide(case.placement, case.basket, case.at)
        tick()
        place = answer.skus.index(case.wanted) + 1 if case.wanted in answer.skus else None
        return Asked(
            case=case,
            place=place,
            shown=len(answer.skus),
            explored=answer.explored,
            is_degraded=answer.degraded is not None,
            seconds=answer.seconds,
        )

    with ThreadPoolExecutor(max_workers=threads) as pool:
        waiting = [pool.submit(one, case) for case in cases]
        try:
            return [each.result() for each in waiting]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def quality(places: Sequence[int | None]) -> Quality:
    """Return the figures for the places at which the wanted items were found."""
    cases = max(1, len(places))

    def within(top: int) -> float:
        return sum(place is not None and place <= top for place in places) / cases

    reciprocal = sum(1 / place for place in places if place is not None and place <= TOP)
    return Quality(len(places), within(1), within(3), within(5), reciprocal / cases)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
