"""Stock as all devices of a shop know it, without one of them being in charge.

Each word on a sku carries a number above every word on it that its speaker had heard. The highest
number holds; of two at once, the higher device's name. So all devices end with the same, whatever
the order in which words arrive, how often, and what was lost on the way; and no clock matters.

Source: Lamport, "Time, Clocks, and the Ordering of Events", 1978; last-writer-wins register.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FARTHEST_JUMP: Final = 1_000_000
"""A word this far above what is known is not believed: it would have the last word for ever."""


@dataclass(frozen=True, slots=True, order=True)
class Word:
    """What somebody said about a sku; words on the same sku are ordered."""

    seq: int
    device: str
    available: int | None
    """How many are left; None: unknown again."""

    def is_above(self, other: "Word | None") -> bool:
        """Say whether this is the later word."""
        return other is None or (self.seq, self.device) > (other.seq, other.device)


class SharedStock:
    """The words that hold. Not locked: its owner calls it from one thread or under a lock."""

    def __init__(self, device: str, words: Mapping[str, Word] | None = None) -> None:
        """Begin with what was kept from before."""
        self._device = device
        self._words = dict(words or {})

    @property
    def words(self) -> Mapping[str, Word]:
        """The word that holds on each sku."""
        return self._words

    def say(self, levels: Mapping[str, int | None]) -> None:
        """Note what was said on this device; it is above everything heard so far."""
        for sku, available in levels.items():
            known = self._words.get(sku)
            seq = known.seq + 1 if known else 1
            self._words[sku] = Word(seq, self._device, available)

    def hear(self, told: Iterable[tuple[str, Word]]) -> Mapping[str, int | None]:
        """Take words from elsewhere and return the levels that change here."""
        changed: dict[str, int | None] = {}
        for sku, word in told:
            known = self._words.get(sku)
            farthest = (known.seq if known else 0) + FARTHEST_JUMP
            if word.seq > farthest or not word.is_above(known):
                continue
            self._words[sku] = word
            if known is None or known.available != word.available:
                changed[sku] = word.available
        return changed
