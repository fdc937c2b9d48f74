"""How often an offer may be shown: to a person, in a visit, on a board."""

from typing import Annotated

from pydantic import Field

from edge.catalog.entry import Entry
from edge.catalog.span import Span

_Times = Annotated[int, Field(ge=1, le=1000, strict=True)]


class Cap(Entry):
    """At most ``n`` times within any span of ``per``."""

    n: _Times
    per: Span


class Caps(Entry):
    """An offer's own caps; what is left out is not capped here (the shop's policy may)."""

    per_person: Cap | None = None
    """Over all channels and devices of the shop; only where somebody is recognised."""
    per_visit: _Times | None = None
    per_board: Cap | None = None
