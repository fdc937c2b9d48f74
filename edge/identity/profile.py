"""What is known of a customer who consented: declared, observed, and nothing else.

Inferred facts (a usual, a taste) are computed when they are shown and kept nowhere. Declared
facts win over observed ones.

Source: decided.md 30, 36; mission.md 30c to 40i.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, NewType

from edge.identity.consent import Purpose

CustomerId = NewType("CustomerId", bytes)
"""16 random bytes, made on this device and known nowhere else: never logged, never sent."""

MAX_PURCHASES: Final = 200
"""A profile keeps the newest so many, one per product and day."""

MAX_COUNT: Final = 1000
"""Of one product and day; what is more says nothing more."""

MAX_GIFT_SAID: Final = 1_000_000
"""Of one product and day; nobody touches it so often, a device that lies may say so."""

HISTORY_DAYS: Final = 90
"""Days that a purchase is kept on the device (decided.md 36)."""

UNVISITED_DAYS: Final = 30
"""A customer who does not come for so long is erased (decided.md 36)."""

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
    gift_said: int = 0
    """How often they said that it is one, or is none after all: where two devices differ, the one
    that was told more often is right, whatever their clocks say."""


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
    wrong: Mapping[str, int] = field(default_factory=dict)
    """Sku -> the day on which they said that its purchases are wrong: what central says of days
    up to then is not believed again."""
    wishes_changed_at: datetime | None = None
    """When the customer last changed a wish here; a newer word wins over an older one."""

    def with_wishes(self, wishes: Wishes) -> "Profile":
        """Return the profile with other wishes."""
        return replace(self, wishes=wishes)


def with_purchases(profile: Profile, bought: Iterable[Purchase], today: int) -> Profile:
    """Return the profile with more purchases: one per product and day, newest first.

    What is older than HISTORY_DAYS, or beyond MAX_PURCHASES, is dropped; so is what they said of
    that day is wrong, as at every other device. A purchase that is already there (also one marked
    as a gift) keeps its mark; its count grows.
    """
    kept = {(p.sku, p.day): p for p in profile.purchases}
    for new in bought:
        before = kept.get((new.sku, new.day))
        count = new.count if before is None else before.count + new.count
        kept[new.sku, new.day] = replace(before or new, count=min(count, MAX_COUNT))
    right = (p for p in kept.values() if p.day > profile.wrong.get(p.sku, -1))
    return replace(profile, purchases=newest(right, today))


def without_product(profile: Profile, sku: str, today: int) -> Profile:
    """Return the profile as if the product had never been bought: "that is wrong".

    It stays wrong also where central says it again, for as long as purchases are kept.
    """
    recent = {one: day for one, day in profile.wrong.items() if day > today - HISTORY_DAYS}
    return replace(
        profile,
        purchases=tuple(p for p in profile.purchases if p.sku != sku),
        wrong={**recent, sku: today},
    )


def kept_for(profile: Profile, allowed: Collection[Purpose]) -> Profile:
    """Return what of the profile may be kept while no more than ``allowed`` holds."""
    if Purpose.TASTES not in allowed:
        profile = replace(profile, wishes=Wishes(), wishes_changed_at=None)
    if Purpose.PAST_ORDERS not in allowed:
        profile = replace(profile, purchases=(), wrong={})
    return profile


def marked_as_gift(profile: Profile, sku: str, day: int | None, *, is_gift: bool) -> Profile:
    """Return the profile with a purchase (or all of a product's) marked as a gift, or unmarked."""
    return replace(
        profile,
        purchases=tuple(
            replace(p, is_gift=is_gift, gift_said=min(p.gift_said + 1, MAX_GIFT_SAID))
            if p.sku == sku and day in (None, p.day) and p.is_gift != is_gift
            else p
            for p in profile.purchases
        ),
    )


def newest(
    purchases: Iterable[Purchase], today: int, most: int = MAX_PURCHASES
) -> tuple[Purchase, ...]:
    """Return what is kept of ``purchases``: the newest ``most``, none older than HISTORY_DAYS."""
    fresh = (p for p in purchases if p.day > today - HISTORY_DAYS)
    return tuple(sorted(fresh, key=lambda p: (-p.day, p.sku))[:most])
