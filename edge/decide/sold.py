"""What was ordered here, as counts that hide every single order (``edge.context.trend``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Sold:
    """Sku -> orders, coarse; a product that too few ordered is in neither."""

    of_month: Mapping[str, int] = field(default_factory=dict)
    """In the last four weeks."""
    of_day: Mapping[str, int] = field(default_factory=dict)
    """In the last 24 hours."""


NOTHING_SOLD: Final = Sold()
