"""No row leads into a dead end: from five on it names two kinds of thing, and one that is not past.

A row of nothing but what somebody bought before, or of one category, teaches nobody anything new.

Source: decisioning.md, acceptance tests; mission.md.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol, TypeVar

from edge.catalog.product import Product
from edge.decide.values import Reason

FROM_SLOTS: Final = 5
"""Shorter rows may be of one kind: a customer's usual, what goes with a coffee."""

_OF_THE_PAST: Final = frozenset({Reason.PAST_ORDERS_HERE, Reason.YOUR_USUAL})


class _Chosen(Protocol):
    @property
    def product(self) -> Product: ...
    @property
    def reason(self) -> Reason | None: ...


C = TypeVar("C", bound=_Chosen)


def opened(chosen: Sequence[C], others: Callable[[], Sequence[C]]) -> list[C]:
    """Return ``chosen`` with its last places given to others, where it would be a dead end.

    Where nothing else is to be had, a row of one category stays as it is, and a row of the past
    is cut to one short of ``FROM_SLOTS``.

    Args:
        chosen: The row so far, best first.
        others: Gives what else might be in it, best first; asked only for a dead end.
    """
    row = list(chosen)
    if len(row) < FROM_SLOTS:
        return row
    if all(_is_past(one) for one in row):
        other = next((one for one in others() if not _is_past(one)), None)
        if other is None:
            return row[: FROM_SLOTS - 1]
        row[-1] = other
    categories = {one.product.category for one in row}
    if len(categories) == 1:
        _widen(row, others(), categories)
    return row


def _widen(row: list[C], others: Sequence[C], categories: AbstractSet[str]) -> None:
    """Give one place to another category, without taking the only one that is not past."""
    fresh = [place for place, one in enumerate(row) if not _is_past(one)]
    for other in others:
        if other.product.category in categories:
            continue
        if not _is_past(other) or fresh != [len(row) - 1]:
            row[-1] = other
        else:
            row[-2] = other
        return


def _is_past(one: _Chosen) -> bool:
    return one.reason in _OF_THE_PAST
