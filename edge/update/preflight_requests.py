"""What a model on trial is asked: every hour of a week, and shoppers of all kinds.

The draws come from the package's own digest: who tries a package twice asks the same, and who
makes one cannot know what it will be asked before it is made.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from edge.recommend.features import Floats, encode_contexts
from edge.recommend.ranker import RankRequest

HOURS: Final = 24 * 7
SHOPPERS: Final = 100
_PURCHASES: Final = (0, 1, 5, 40, 200)
_BASKETS: Final = (0, 1, 2, 3, 8, 64)
_SHARES: Final = (1.0, 1.0, 0.9, 0.5, 0.02, 0.0)
"""Of what is available."""


def moments(size: int, draws: Generator) -> Iterator[tuple[Floats, Floats]]:
    """Yield context and trend of each hour of a week, on days all over the year."""
    hours = np.arange(HOURS)
    days = draws.integers(1, 367, HOURS)
    contexts = encode_contexts(hours % 24, hours // 24, days)
    for at, context in enumerate(contexts):
        orders = draws.integers(0, 5, size) * draws.integers(0, 2, size) * 5
        yield np.asarray(context), (orders * (at % 3 > 0)).astype(np.float32)


def shoppers(size: int, bases: list[Floats], draws: Generator) -> Iterator[RankRequest]:
    """Yield ``SHOPPERS`` requests; the first of somebody of whom nothing is known."""
    for number in range(SHOPPERS):
        bought = _PURCHASES[number % len(_PURCHASES)]
        basket = _some(size, _BASKETS[number % len(_BASKETS)], draws)
        left_out = _some(size, 0 if number % 7 == 0 else size // 5, draws)
        share = _SHARES[number // 2 % len(_SHARES)]
        yield RankRequest(
            history=draws.integers(0, size, bought).astype(np.int32),
            history_age=draws.uniform(0.0, 400.0, bought).astype(np.float32),
            basket=basket,
            exclude=np.array(sorted({*basket.tolist(), *left_out.tolist()}), dtype=np.int32),
            available=draws.random(size) < share,
            base=bases[number % len(bases)],
        )


def _some(size: int, count: int, draws: Generator) -> NDArray[np.int32]:
    return draws.permutation(size)[: min(count, size)].astype(np.int32)
