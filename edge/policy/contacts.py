"""How often somebody met what, read before a decision and passed into it.

A visitor who is not recognised has counts of their visit and of the board only. What belongs to a
person comes from what they allowed us to remember, and leaves with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

Moments = tuple[datetime, ...]
"""When, oldest first; aware UTC."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """What caps are held against. Offers by id, categories by name."""

    of_person: Mapping[str, Moments] = field(default_factory=dict, repr=False)
    """Offer -> when it was seen by this person, on any channel and device of the shop."""
    personal: Moments = field(default=(), repr=False)
    """When this person saw anything that was chosen for them, over all channels."""
    dismissed: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    """Category -> when they last sent something of it away."""
    bought: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    """Category -> when they last bought of it."""
    of_visit: Mapping[str, int] = field(default_factory=dict)
    """Offer -> how often it was seen in this visit."""
    of_board: Mapping[str, Moments] = field(default_factory=dict)
    """Offer -> when this screen showed it."""


NO_CONTACTS: Final = Contacts()
