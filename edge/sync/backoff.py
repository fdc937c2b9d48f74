"""How long to wait before trying again: full jitter, so that a thousand shops do not come at once.

Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
"""

from edge.core.chance import Chance


class BackOff:
    """Draws from ``min_s`` up to a bound that doubles with every failure, to ``max_s``."""

    def __init__(self, chance: Chance, *, min_s: float = 1.0, max_s: float = 300.0) -> None:
        self._chance = chance
        self._min_s = min_s
        self._max_s = max_s
        self._bound_s = min_s

    def next_s(self) -> float:
        """Return how long to wait after one more failure."""
        self._bound_s = min(self._bound_s * 2, self._max_s)
        share = int.from_bytes(self._chance(4), "big") / 2**32
        return self._min_s + share * (self._bound_s - self._min_s)

    def reset(self) -> None:
        """Begin again: it worked."""
        self._bound_s = self._min_s
