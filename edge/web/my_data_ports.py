"""What the pages of "My data" need, wherever they are served: on a shop's device, or at central.

``app`` and ``central`` implement it; nothing here knows a key, a database or a radio. Whose data it
is, the web does not know: a ``PhoneVisit``, never a name or an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from edge.core.errors import RequestContractError
from edge.identity.consent import Notice, Purpose
from edge.identity.profile import HelpLevel, Profile, Surprise


class NotACustomerError(RequestContractError):
    """The phone's visit belongs to nobody who consented (any more)."""


@dataclass(frozen=True, slots=True)
class PhoneVisit:
    """A phone that is answered: it opened a pairing, or proved that it holds a key.

    Lasts 10 minutes untouched. Whose it is, the web does not know.
    """

    key: str = field(repr=False)  # what its cookie holds
    screen_id: str | None  # the screen it is linked to
    is_customer: bool  # False until consent was given


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything that is kept about a customer, for their own eyes."""

    profile: Profile
    purposes: Mapping[Purpose, datetime]  # in force -> until when
    since_at: datetime
    keeps_until: datetime  # when all of it goes if they do not come again
    linked_screen: str | None
    uses: int | None  # slates of the last 30 days that relied on their consent; None: not known


@dataclass(frozen=True, slots=True)
class Change:
    """One change by the customer; fields that are None stay.

    ``star``, ``unstar``, ``gift``, ``not_gift``, ``wrong`` name a sku (``day`` narrows a gift to
    one purchase); ``mute``, ``unmute``, ``less``, ``not_less`` name a category.
    """

    star: str | None = None
    unstar: str | None = None
    mute: str | None = None
    unmute: str | None = None
    less: str | None = None
    not_less: str | None = None
    gift: str | None = None
    not_gift: str | None = None
    wrong: str | None = None
    day: int | None = None
    surprise: Surprise | None = None
    help_level: HelpLevel | None = None
    name: str | None = None
    shows_name: bool | None = None

    @property
    def is_wish(self) -> bool:
        """Return whether it is about what they tell us, and not about what they bought."""
        about_purchases = replace(self, gift=None, not_gift=None, wrong=None, day=None)
        return about_purchases != Change()


@dataclass(frozen=True, slots=True)
class Erased:
    """The proof that everything is gone: it names nobody."""

    erasure_id: str
    at: datetime


class OwnData(Protocol):
    """A customer's data, for their own hands. A method that needs a customer raises NotACustomerError."""

    def visit(self, key: str | None) -> PhoneVisit | None:
        """Return the phone's visit, and count its time from now again."""
        ...

    def my_data(self, visit: PhoneVisit) -> MyData:
        """Return what is kept."""
        ...

    def change(self, visit: PhoneVisit, change: Change) -> None:
        """Apply a change; it holds for the next decision. Waits for the commit."""
        ...

    def set_purposes(self, visit: PhoneVisit, purposes: frozenset[Purpose], notice: Notice) -> None:
        """Give and withdraw purposes, so that exactly ``purposes`` hold. Waits for the commit.

        Taking one back deletes what was kept for it; taking the last one back erases.
        """
        ...

    def export(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return everything that is kept about them, ready for JSON."""
        ...

    def receipt(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return the consent receipt: the records and events, and the device's signature."""
        ...

    def disconnect(self, visit: PhoneVisit) -> PhoneVisit:
        """End the presence at the linked screen; the screen is neutral within a second."""
        ...

    def erase(self, visit: PhoneVisit) -> Erased:
        """Forget everything; returns when keys and records are gone from the disk."""
        ...
