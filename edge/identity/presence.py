"""A customer's own fresh token at a screen: for how long what is known of them may be used.

Source: decided.md 29, 38; security.md, "Roles".
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from edge.identity.profile import CustomerId

LASTS: Final = timedelta(minutes=10)
"""A presence ends so long after its token was presented, whatever happens."""


class Presented(StrEnum):
    """How the customer showed who they are. A beacon alone is not among them."""

    CODE = "code"
    """Their rotating code was scanned at this screen."""
    TAP = "tap"
    """They confirmed this screen on their phone."""
    PAIRED = "paired"
    """They scanned the screen's code and consented."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One customer at one screen. ``presence_id`` is random and names nobody."""

    presence_id: str
    screen_id: str
    customer_id: CustomerId = field(repr=False)
    presented: Presented
    since_at: datetime
    until_at: datetime
    """LASTS after ``since_at``, at the latest."""


class Refusal(StrEnum):
    """Why a presented code opens nothing. Each has a friendly next step in words on the screen."""

    UNREADABLE = "unreadable"
    """It looks like one of ours and is not whole."""
    FORGED = "forged"
    """Its signature or check value is wrong."""
    LATE = "late"
    """Older than 60 seconds: a photograph, or a phone whose clock is wrong."""
    EARLY = "early"
    """From more than 60 seconds ahead: the phone's clock, or ours."""
    USED = "used"
    """Presented before on this device."""
    OTHER_GROUP = "other_group"
    """Of another shop group, or of an issuer this shop does not know."""
    UNKNOWN = "unknown"
    """Well made, and of nobody this device knows: not enrolled here, withdrawn, or keys ran out."""
    EXPIRED = "expired"
    """Its credential (K4) has run out and must be renewed online."""
    TOO_MANY = "too_many"
    """Too many codes at once; wait a moment."""
