"""A named place on a surface that shows offers, and the shape of its row."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.catalog.entry import Entry, Id, Sku, Words
from edge.catalog.offer import SurfaceName
from edge.catalog.strategy import SlotStrategy

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
    strategies: tuple[SlotStrategy, ...] = ()
    """Slots that a strategy fills instead of the ranking."""
    fallback: tuple[Sku, ...] = ()
    """Shown when nothing is eligible; they carry no condition but stock."""

    @model_validator(mode="after")
    def _boards_are_for_everybody(self) -> Self:
        if self.personal is not None and self.surface == "signage":
            msg = "a personal placement cannot be on signage: boards show nothing about a person"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _strategies_fit(self) -> Self:
        slots = [one.slot for one in self.strategies]
        if slots and self.personal is not None:
            msg = "a personal placement cannot have strategies: it is one"
            raise ValueError(msg)
        if len(set(slots)) < len(slots) or any(slot >= self.slots for slot in slots):
            msg = f"wanted strategies for slots 0 to {self.slots - 1}, each once, found {slots}"
            raise ValueError(msg)
        if self.explore_slot in slots:
            msg = f"slot {self.explore_slot} is the explore_slot: a strategy cannot fill it"
            raise ValueError(msg)
        about = {one.by for one in self.strategies}
        if self.surface == "signage" and about & {"buy-again", "also-bought"}:
            msg = "buy-again and also-bought cannot be on signage: boards look at nobody"
            raise ValueError(msg)
        if self.needs_basket and about - {"also-bought"}:
            msg = "a placement that needs a basket can only have the strategy also-bought"
            raise ValueError(msg)
        return self
