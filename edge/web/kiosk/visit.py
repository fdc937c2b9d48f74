"""One visit at a kiosk: everything a shopper's presence leaves, as a value.

A visit is a guest's until somebody is recognised at its screen, and again when that is over.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge.catalog.allergens import Allergen
from edge.catalog.order import Service
from edge.decide.values import Slate
from edge.identity.presence import Presence
from edge.web.kiosk.basket import Basket

MAX_SLATES: Final = 8
"""Rows a visit can still be asked about ("Why these?"); older ones are forgotten."""


class Stage(StrEnum):
    """Where a visit is, as far as its timer is concerned."""

    ORDERING = "ordering"
    ITEM = "item"
    """A product is open to be read and composed; it gets a little more time."""
    DONE = "done"
    """The order has its number."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One presence at a kiosk. Never stored; ``avoid`` is never recorded or sent either."""

    key: str = field(repr=False)
    visit_id: str
    screen_id: str
    language: str
    service: Service
    touched_at: datetime
    stage: Stage = Stage.ORDERING
    basket: Basket = field(default=Basket(), repr=False)
    avoid: frozenset[Allergen] = field(default=frozenset(), repr=False)
    fewer: frozenset[str] = frozenset()
    is_in_normal_order: bool = False
    """The shopper switched suggestions off for this visit."""
    has_seen_nudge: bool = False
    slates: tuple[Slate, ...] = ()
    exposed: frozenset[str] = frozenset()
    """Decisions whose row was really painted and already reported so."""
    order_id: str | None = None
    """Given when the order is first sent, so that sending it twice makes one order."""
    display_no: int | None = None
    presence: Presence | None = field(default=None, repr=False)
    """Who the visit last met at its screen; None: a guest."""
    row_id: str = ""
    """The row a recognised visitor chose to see; "" for the first that has something."""
    is_unfolded: bool = False
    """Rows that their help level keeps folded were opened."""
    has_declined: bool = False
    """The invitation was refused: it does not come back in this visit."""

    def slate(self, decision_id: str) -> Slate | None:
        """Return the row of this visit with that decision, or None."""
        return next((s for s in self.slates if s.decision_id == decision_id), None)

    def with_slate(self, slate: Slate) -> "Visit":
        """Return the visit remembering ``slate``."""
        return replace(self, slates=(*self.slates, slate)[-MAX_SLATES:])

    def with_basket(self, basket: Basket) -> "Visit":
        """Return the visit with another basket; what was sent before is another order."""
        return replace(self, basket=basket, order_id=None)

    def meeting(self, presence: Presence | None, visit_id: str) -> "Visit":
        """Return the visit with somebody else, or nobody, recognised.

        It goes on under another id, so that nothing joins what a guest did to what a customer
        did; rows that were made for the one before cannot be asked about any more. Another
        customer finds the basket (two may order together), and none of the other's wishes.
        """
        visit = replace(
            self,
            visit_id=visit_id,
            presence=presence,
            slates=(),
            exposed=frozenset(),
            row_id="",
            is_unfolded=False,
        )
        before = self.presence.customer_id if self.presence else None
        if presence is None or before in (None, presence.customer_id):
            return visit
        return replace(visit, avoid=frozenset(), fewer=frozenset(), is_in_normal_order=False)


def presence_id(presence: Presence | None) -> str | None:
    """Return what tells one presence from another."""
    return presence.presence_id if presence else None
