"""What is known of a customer who consented: declared, observed, and nothing else.

Inferred facts (a usual, a taste) are computed when they are shown and kept nowhere. Declared
facts win over observed ones.

Source: decided.md 30, 36; mission.md 30c to 40i.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal, NewType

CustomerId = NewType("CustomerId", bytes)
"""16 random bytes, made on this device and known nowhere else: never logged, never sent."""

MAX_PURCHASES: Final = 200
"""A profile keeps the newest so many, one per product and day."""

HISTORY_DAYS: Final = 90
"""Days that a purchase is kept on the device (decided.md 36)."""

Surprise = Literal["more", "usual", "none"]
HelpLevel = Literal["less", "usual", "more"]


@dataclass(frozen=True, slots=True)
class Purchase:
    """A product bought on one day (``day`` = whole days since 1970-01-01 UTC).

    A gift is kept, so that it can be shown and taken back, and used for nothing.
    """

    sku: str
    day: int
    count: int
    is_gift: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the customer told us themselves (declared; purpose ``tastes``)."""

    starred: frozenset[str] = frozenset()  # skus
    muted: frozenset[str] = frozenset()  # categories: never shown as a suggestion
    less: frozenset[str] = frozenset()  # categories: shown less
    surprise: Surprise = "usual"
    help_level: HelpLevel = "usual"
    name: str = ""
    shows_name: bool = False
    """The name is shown on a kiosk only when they switched it on; never on a board."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's facts on this device. Sealed under their own key whenever at rest."""

    wishes: Wishes = field(default=Wishes())
    purchases: tuple[Purchase, ...] = ()  # newest first
    wrong: frozenset[str] = frozenset()
    """Products whose purchases they said are wrong: forgotten, and not learned from again
    until they buy it anew."""

    def with_wishes(self, wishes: Wishes) -> "Profile":
        """Return the profile with other wishes."""
        return replace(self, wishes=wishes)
