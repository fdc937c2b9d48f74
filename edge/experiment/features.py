"""What the learner sees of a choice: the moment in bands, and the kind of product. Never a person.

32 numbers: a constant, the weather's band, the basket's size in bands, the category, and the category
together with the time of day. Categories fall into a fixed number of places by a hash, so that what
is learned stays bounded and can be added up over shops with different menus.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.product import Product
from edge.context.moment import Context, Weather
from edge.experiment.hashing import fnv32a

DIMENSION: Final = 32
_COLD, _HOT, _WET = 1, 2, 3
_BASKET: Final = 4  # none, 1 to 2, 3 and more
OF_MOMENT: Final = 7
"""Columns that are the same for every product of a choice; the rest say its kind."""
_CATEGORY: Final = OF_MOMENT
_CATEGORIES: Final = 9
_TOGETHER: Final = _CATEGORY + _CATEGORIES
_TOGETHER_COUNT: Final = DIMENSION - _TOGETHER
COLD_C: Final = 10.0
HOT_C: Final = 22.0
HOUR_BAND: Final = 4
"""Hours in one band of the day."""


def features(
    context: Context, basket_count: int, products: Sequence[Product]
) -> NDArray[np.float32]:
    """Return one row for each of ``products``: float32[n, 32], each number 0 or 1."""
    rows = np.zeros((len(products), DIMENSION), dtype=np.float32)
    rows[:, 0] = 1.0
    for column in _of_weather(context.weather):
        rows[:, column] = 1.0
    rows[:, _BASKET + (0 if basket_count == 0 else 1 if basket_count < 3 else 2)] = 1.0
    band = context.local_at.hour // HOUR_BAND
    for number, product in enumerate(products):
        rows[number, _of_category(product.category)] = 1.0
        rows[number, _of_both(product.category, band)] = 1.0
    return rows


def _of_weather(weather: Weather | None) -> Sequence[int]:
    if weather is None:
        return ()
    bands = (
        (_COLD, weather.temp_c < COLD_C),
        (_HOT, weather.temp_c > HOT_C),
        (_WET, weather.is_wet),
    )
    return [column for column, is_so in bands if is_so]


@lru_cache(maxsize=1024)
def _of_category(category: str) -> int:
    return _CATEGORY + fnv32a(category) % _CATEGORIES


@lru_cache(maxsize=4096)
def _of_both(category: str, band: int) -> int:
    return _TOGETHER + fnv32a(f"{category}@{band}") % _TOGETHER_COUNT
