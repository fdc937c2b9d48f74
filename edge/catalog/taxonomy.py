"""What kind of offer it is, whom it serves, what it relies on and what it brings.

Nothing here, and nothing in an offer, can say a price: a price never depends on a person.

Source: decisioning.md 2.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from edge.catalog.entry import Entry, Id, Minor, Sku

OfferType = Literal[
    "upsell", "cross-sell", "launch", "bundle", "retention", "service", "information"
]
Intent = Literal["sell", "serve", "inform"]
Sensitivity = Literal["none", "personal", "boudoir"]
Privacy = Literal["public", "semi-private", "private"]
"""The most public screen that may show it."""

ConsentName = Literal["tastes", "past_orders", "phone_offers"]
"""A purpose, by its name in ``edge.identity.consent``."""

FactName = Literal[
    "order_history", "stars", "mutes", "location", "time_of_day", "weather", "basket", "segment"
]
"""A kind of fact that an offer may rely on."""

ABOUT_NOBODY: Final[frozenset[str]] = frozenset({"time_of_day", "weather", "basket"})
"""Facts of the moment and of the visit; all others are about a person, and need their consent."""

FactUse = Literal["reorder", "addon", "new-category", "retention", "ad-partner"]
"""What it is used for; how far that is from why it was given is policy's table."""


class Taxonomy(Entry):
    """Where an offer belongs; reports and policies group by it."""

    type: OfferType = "upsell"
    intent: Intent = "sell"
    category: Id | None = None
    """The category it is about; left out, that of its products."""
    campaign: Id | None = None
    segments: frozenset[Id] = frozenset()
    """For reports only: nobody is put into a segment here."""


class Needs(Entry):
    """What must be there."""

    stock: dict[Sku, Annotated[int, Field(ge=1, le=1_000_000, strict=True)]] = Field(
        default_factory=dict
    )
    """At least so many left; an unknown stock counts as enough."""
    consent: frozenset[ConsentName] = frozenset()
    """Empty: it works for everybody, known or not."""


class Value(Entry):
    """What showing it is worth to the shop; a shopper sees none of it."""

    margin_minor: Minor | None = None
    """Left out, the margin of the product that is shown."""
    ltv_weight: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of its worth that lies beyond today's order."""
    cost_minor: Minor = 0
    """What giving it costs the shop."""
    forecast_per_week: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    """How many the owner expects to be taken; shown beside what happened."""


class UsedFact(Entry):
    """A fact that the offer relies on beyond the model, and what for."""

    fact: FactName
    use: FactUse = "addon"


class Links(Entry):
    """What connects it to a visit, so that it does not come out of nowhere."""

    trigger_categories: frozenset[Id] = frozenset()
    """In the basket or bought before; empty: no link is needed."""
