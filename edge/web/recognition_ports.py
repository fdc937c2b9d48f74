"""What a screen needs to know somebody: codes, beacons and presences, as plain protocols.

``app`` implements them; nothing here knows a key, a database or a radio. A customer at a screen is a
``Presence``, never a name or an id.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.catalog.order import Order
from edge.decide.values import Recognised
from edge.identity.consent import Purpose
from edge.identity.presence import Presence, Refusal
from edge.identity.profile import HelpLevel, Surprise


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a recognised customer wants to be met. ``name`` is "" unless they switched it on."""

    name: str
    help_level: HelpLevel
    surprise: Surprise
    purposes: frozenset[Purpose]
    until_at: datetime
    is_new: bool = False
    """Nothing is known of them yet: no order, no wish."""


@dataclass(frozen=True, slots=True)
class CustomerScanned:
    """A customer's code: they are at this screen now."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class ProductScanned:
    """A product's code (EAN, UPC, GS1 Digital Link) that the catalog knows."""

    sku: str


@dataclass(frozen=True, slots=True)
class ScanRefused:
    """A customer's code that opens nothing."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NothingScanned:
    """Anything else: ignored, never opened, never shown."""


Scan = CustomerScanned | ProductScanned | ScanRefused | NothingScanned


@dataclass(frozen=True, slots=True)
class Pairing:
    """What a screen shows so that a phone can come to it."""

    url: str  # HTTPS://HOST/P/ and 20 base32 characters, in capitals
    code: str  # 6 characters to type instead
    expires_at: datetime


class Recognition(Protocol):
    """Who is at a screen. Every method is quick and waits for no network."""

    def scanned(self, screen_id: str, text: str) -> Scan:
        """Take a scanned text of at most 512 bytes, from a camera, a hand scanner or a till.

        The presence stands for the screen until it ends; one before it at this screen ends.
        """
        ...

    def presence(self, screen_id: str) -> Presence | None:
        """Return who is at the screen now, if anybody presented a token there."""
        ...

    def is_invited(self, screen_id: str) -> bool:
        """Return whether a known beacon is near: a reason to invite, and to name nothing."""
        ...

    def recognised(self, presence: Presence) -> Recognised | None:
        """Return what a decision may use now: read at each decision, so a change holds at once.

        None when the presence is over or the customer allows nothing (any more).
        """
        ...

    def greeting(self, presence: Presence) -> Greeting | None:
        """Return how to meet them; None when the presence is over."""
        ...

    def bought(self, presence: Presence, order: Order) -> None:
        """Add an order to their past orders, when they allow that."""
        ...

    def leave(self, screen_id: str) -> None:
        """End the presence at a screen: the visit is over. Does nothing when there is none."""
        ...

    def pair(self, screen_id: str) -> Pairing:
        """Begin a pairing at a screen; the one before it at that screen ends."""
        ...
