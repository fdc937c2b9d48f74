"""What a recognised customer bought, as the model's history and as their favourites."""

import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.decide.values import Bought, Recognised

MOST_AT_ONCE: Final = 10
"""A purchase counts at most so often: a round for the office is no taste of one person."""

MOST_PURCHASES: Final = 256
"""The newest so many go to the model; its cost grows with them."""

MOST_FAVOURITES: Final = 4
"""Products that stand for what a customer likes; each costs one run of the model."""

HALF_LIFE_DAYS: Final = 30.0
"""A purchase so old counts half among the favourites, as it does in the shipped models."""

STAR_AS_PURCHASES: Final = 2.0
"""A star counts among the favourites like so many purchases of today."""

NO_ITEMS: Final = np.zeros(0, dtype=np.int32)
NO_AGES: Final = np.zeros(0, dtype=np.float32)


def history(
    bought: Iterable[Bought], item_of: Mapping[str, int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the model's items and the days since, newest first; a count repeats its item.

    What the model does not know is left out, and so is an age that is no number: one profile
    must not break the model for everybody.
    """
    found = (one for one in bought if one.sku in item_of and math.isfinite(one.days_ago))
    known = sorted(found, key=lambda one: one.days_ago)
    if not known:
        return NO_ITEMS, NO_AGES
    counts = [min(max(one.count, 0), MOST_AT_ONCE) for one in known]
    items = np.repeat(np.array([item_of[one.sku] for one in known], dtype=np.int32), counts)
    ages = np.repeat(np.array([one.days_ago for one in known], dtype=np.float32), counts)
    return items[:MOST_PURCHASES], np.maximum(ages[:MOST_PURCHASES], 0)


def favourites(recognised: Recognised, leaving_out: AbstractSet[str]) -> tuple[str, ...]:
    """Return the few products that stand for what they like: starred, and most bought of late.

    Args:
        recognised: The customer.
        leaving_out: Products that stand for nothing, because their category is muted.
    """
    weight = dict.fromkeys(recognised.starred, STAR_AS_PURCHASES)
    for one in recognised.bought:
        if not math.isfinite(one.days_ago):
            continue
        faded = min(one.count, MOST_AT_ONCE) * 2 ** (-max(one.days_ago, 0) / HALF_LIFE_DAYS)
        weight[one.sku] = weight.get(one.sku, 0.0) + faded
    # Ties by name, so that the same facts give the same rows whatever order a set has.
    liked = sorted(weight.keys() - leaving_out, key=lambda sku: (-weight[sku], sku))
    return tuple(liked[:MOST_FAVOURITES])
