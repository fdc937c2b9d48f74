"""Whether the shop's own priority changed a row: the row without it is the answer.

Who pays for a place, and what the house pushes, is said where it made a difference.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from edge.decide.reasons import OFFER_PART
from edge.decide.values import Shown


def may_be_moved_up(row: Sequence[Shown]) -> bool:
    """Return whether anything in ``row`` has a priority and was not drawn."""
    return any(one.parts.get(OFFER_PART) and not one.is_explored for one in row)


def moved_up(row: Sequence[Shown], without: Sequence[Shown]) -> frozenset[str]:
    """Return the skus that stand in ``row`` only, or further up, because of a priority.

    Args:
        row: As it is shown.
        without: The row that the same candidates make without any priority.
    """
    slot_of = {one.sku: one.slot for one in without}
    raised = (one for one in row if one.parts.get(OFFER_PART) and not one.is_explored)
    return frozenset(one.sku for one in raised if slot_of.get(one.sku, one.slot + 1) > one.slot)


def stamped(row: Sequence[Shown], skus: Collection[str]) -> tuple[Shown, ...]:
    """Return ``row`` with what a priority changed marked as such."""
    if not skus:
        return tuple(row)
    return tuple(replace(one, is_moved_up=True) if one.sku in skus else one for one in row)
