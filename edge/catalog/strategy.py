"""Classic ways to fill a slot, by name: a shop that wants its best seller first says so."""

from typing import Annotated, Literal

from pydantic import Field

from edge.catalog.entry import Entry, Minor

StrategyName = Literal[
    "popular",
    "trending",
    "recent",
    "low-price",
    "also-bought",
    "buy-again",
    "staff-pick",
    "new",
]
"""What is ordered most in four weeks; what sells in these minutes; what was ordered most in the
last day; what costs least; what goes with the basket; what this customer had before (with consent);
what the team picked; what is new (tag ``new``, or an offer of type ``launch``)."""


class SlotStrategy(Entry):
    """One slot filled by a strategy; where it finds nothing, the ranking fills the slot."""

    slot: Annotated[int, Field(ge=0, le=49, strict=True)]
    by: StrategyName
    shuffle: Annotated[int, Field(ge=1, le=20, strict=True)] = 1
    """One of the first so many is drawn, so that a row does not look the same all day."""
    upsell_minor: Minor | None = None
    """Only what costs at least so much more than the dearest product in the basket."""
