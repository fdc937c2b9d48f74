"""Why something is shown, in the shop's own words, and when those words may be used.

Source: decisioning.md 2 and 8.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.catalog.entry import Entry, Words
from edge.catalog.taxonomy import Privacy

ExplanationId = Annotated[
    str,
    StringConstraints(pattern=r"^x\.[a-z0-9][a-z0-9-]{0,39}$"),
    Field(json_schema_extra={"wanted": "an explanation's id such as x.weather"}),
]

Group = Literal[
    "moment", "trend", "basket", "history", "tastes", "wishes", "merchant", "discovery", "fallback"
]
"""Which part of the computation it speaks of."""

Need = Literal["weather", "daypart", "basket", "purchase", "star", "liked", "offer"]
"""What must have been there for the sentence to be true; ``liked`` fills ``{item}``."""


class Explanation(Entry):
    """One sentence; ``{item}`` stands for the product behind it, where there is one."""

    id: ExplanationId
    lang: Words
    group: Group
    needs: frozenset[Need] = frozenset()
    min_privacy: Privacy = "public"
    """The most public screen that may show it."""
    actions: frozenset[Literal["remove-fact", "mute-category", "gift", "fewer", "normal-order"]] = (
        frozenset()
    )
