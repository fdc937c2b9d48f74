"""A named place on a surface that shows offers, and the shape of its row."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.catalog.entry import Entry, Id, Sku, Words
from edge.catalog.offer import SurfaceName

RowOrder = Literal["score", "value"]
"""By how likely each is taken, or by what showing it is worth to the shop."""

PersonalRow = Literal["usual", "tastes", "new"]
"""What they buy again, what goes with what they like, or what is new for them."""


class Placement(Entry):
    """A named place: how many slots, how they spread, and what is shown when nothing fits."""

    id: Id
    surface: SurfaceName
    slots: Annotated[int, Field(ge=1, le=50, strict=True)]
    title: Words | None = None
    """Shown where the row has no single reason to be titled by."""
    sections: frozenset[Id] = frozenset()
    """Only products of these sections; empty means all."""
    spread: Annotated[int, Field(ge=1, le=50, strict=True)] | None = None
    """At most so many of one category; None switches the spread off."""
    explore_slot: Annotated[int, Field(ge=0, le=49, strict=True)] | None = None
    """The slot that shows "something different"; None for none."""
    needs_basket: bool = False
    """Show only what the basket is a reason for (a nudge): nothing is a valid answer."""
    personal: PersonalRow | None = None
    """A row for recognised customers only. Empty for everybody else, without fallback and
    without offers (nobody can pay to be somebody's usual), and never on a board."""
    order: RowOrder = "score"
    """What is best: ``value`` weighs the chance that it is taken with margin and priority."""
    fallback: tuple[Sku, ...] = ()
    """Shown when nothing is eligible; they carry no condition but stock."""

    @model_validator(mode="after")
    def _boards_are_for_everybody(self) -> Self:
        if self.personal is not None and self.surface == "signage":
            msg = "a personal placement cannot be on signage: boards show nothing about a person"
            raise ValueError(msg)
        return self
