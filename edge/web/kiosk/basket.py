"""What a shopper has put together so far: lines, each with its own number.

A basket is a value: every change gives a new one. Prices are not in it; they come from the
catalog each time they are shown, so that a basket cannot carry an old one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge.catalog.order import MAX_LINES, MAX_QUANTITY, Line


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line and the number a screen calls it by; numbers are not used twice in a visit."""

    number: int
    line: Line


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines in the order they were added."""

    lines: tuple[BasketLine, ...] = ()
    next_number: int = 1

    @property
    def count(self) -> int:
        """How many products, over all lines."""
        return sum(item.line.quantity for item in self.lines)

    @property
    def skus(self) -> tuple[str, ...]:
        """Each product once, in the order it was added."""
        return tuple(dict.fromkeys(item.line.sku for item in self.lines))

    def line(self, number: int) -> Line | None:
        """Return the line called ``number``, or None when it was removed."""
        return next((item.line for item in self.lines if item.number == number), None)

    def with_added(self, line: Line) -> "Basket":
        """Return the basket with ``line``; the same product made the same way is counted up.

        A full basket (40 lines) and a full line (20 pieces) stay as they are.
        """
        for item in self.lines:
            if (item.line.sku, dict(item.line.options)) == (line.sku, dict(line.options)):
                return self.with_quantity(item.number, item.line.quantity + line.quantity)
        if len(self.lines) >= MAX_LINES:
            return self
        added = BasketLine(self.next_number, line)
        return Basket((*self.lines, added), self.next_number + 1)

    def with_changed(self, number: int, line: Line) -> "Basket":
        """Return the basket with the line called ``number`` made another way, in its place."""
        return self._with_lines(
            replace(item, line=line) if item.number == number else item for item in self.lines
        )

    def with_quantity(self, number: int, quantity: int) -> "Basket":
        """Return the basket with another quantity, at most 20; 0 removes the line."""
        if quantity < 1:
            return self.without(number)
        line = self.line(number)
        if line is None:
            return self
        return self.with_changed(number, replace(line, quantity=min(quantity, MAX_QUANTITY)))

    def without(self, number: int) -> "Basket":
        """Return the basket without the line called ``number``."""
        return self._with_lines(item for item in self.lines if item.number != number)

    def _with_lines(self, lines: Iterable[BasketLine]) -> "Basket":
        return replace(self, lines=tuple(lines))
