"""Let the arms take turns at a screen that everybody sees: blocks of time, in a drawn order.

A board cannot show one thing to one passer-by and another to the next, so its unit is a block of
time. Blocks come in groups in which every arm has its share; the order within each group is drawn
anew, from the salt and the day, so that no arm keeps the same hour. In the first minutes of a block
what was shown before still acts: they belong to nobody.

Source: decisioning.md 4; Bojinov, Simchi-Levi and Zhao, "Design and Analysis of Switchback
Experiments" (2023).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.catalog.experiments import Switchback
from edge.core.chance import draws

LONGEST_GROUP: Final = 24
"""Blocks; shares that need a longer group are met as nearly as this one can."""
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose block it is, and whether the one before it may still act."""

    arm: str
    is_washout: bool


def turn(plan: Switchback, shares: Mapping[str, float], seed: str, local_at: datetime) -> Turn:
    """Return whose turn it is at ``local_at``, the shop's own time."""
    midnight = local_at.replace(hour=0, minute=0, second=0, microsecond=0)
    # Both in the shop's own time: a day of 25 hours repeats a block, and gets no 25th hour.
    block, into = divmod(local_at.replace(tzinfo=None) - midnight.replace(tzinfo=None), plan.block)
    group, place = divmod(block, len(_group(shares)))
    order = _drawn(_group(shares), f"{seed}/{local_at.date()}/{group}")
    return Turn(order[place], is_washout=into < min(plan.washout, plan.block / 2))


def _group(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the arms of the shortest group that gives each its share, in whole blocks."""
    length = next((n for n in range(1, LONGEST_GROUP) if _is_whole(shares, n)), LONGEST_GROUP)
    blocks = {arm: share * length for arm, share in shares.items()}
    counts = {arm: int(count + _TINY) for arm, count in blocks.items()}
    by_rest = sorted(blocks, key=lambda arm: (counts[arm] - blocks[arm], arm))
    for arm in by_rest[: length - sum(counts.values())]:
        counts[arm] += 1
    return tuple(arm for arm in sorted(counts) for _ in range(counts[arm]))


def _is_whole(shares: Mapping[str, float], length: int) -> bool:
    return all(abs(share * length - round(share * length)) < _TINY for share in shares.values())


def _drawn(group: tuple[str, ...], seed: str) -> tuple[str, ...]:
    numbers = draws(seed, len(group))
    return tuple(arm for _, arm in sorted(zip(numbers, group, strict=True)))
