"""What the screens need to know somebody: recognition, customers and staff, as plain protocols.

``app`` implements them; nothing here knows a key, a database or a radio. A customer is a
``Presence`` (at a screen) or a ``PhoneVisit`` (on their phone), never a name or an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from edge.catalog.order import Order
from edge.core.errors import RequestContractError
from edge.decide.values import Recognised
from edge.identity.consent import Notice, Purpose
from edge.identity.presence import Presence, Refusal
from edge.identity.profile import HelpLevel, Profile, Surprise


class NotACustomerError(RequestContractError):
    """The phone's visit belongs to nobody who consented (any more)."""


# ---- at a screen: codes, beacons, presences ----------------------------------------------


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

    def greeting(self, presence: Presence) -> "Greeting | None":
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


# ---- on the phone ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhoneVisit:
    """A phone that is answered: it opened a pairing, or proved that it holds a key.

    Lasts 10 minutes untouched. Whose it is, the web does not know.
    """

    key: str = field(repr=False)  # what its cookie holds
    screen_id: str | None  # the screen it is linked to
    is_customer: bool  # False until consent was given


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a phone sends with its first consent.

    ``beacon_key`` is the 32 random bytes it made and keeps; sent once, never again.
    """

    purposes: frozenset[Purpose]
    beacon_key: bytes = field(repr=False)
    notice: Notice
    is_over_age: bool


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything that is kept about a customer on this device, for their own eyes."""

    profile: Profile
    purposes: Mapping[Purpose, datetime]  # in force -> until when
    since_at: datetime
    keeps_until: datetime  # when all of it goes if they do not come again
    linked_screen: str | None
    uses: int  # slates of the last 30 days that relied on their consent


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


@dataclass(frozen=True, slots=True)
class Erased:
    """The proof that everything is gone: it names nobody."""

    erasure_id: str
    at: datetime


class Customers(Protocol):
    """The customer's own page. A method that needs a customer raises NotACustomerError."""

    def open_pairing(self, token: str) -> PhoneVisit | None:
        """Take up a pairing by its token or its 6-character code; None: over, used or unknown."""
        ...

    def prove(self, code: str, paired: PhoneVisit | None = None) -> PhoneVisit | Refusal:
        """Answer a phone that shows, with a fresh proof (P1), that it holds its key.

        ``paired`` is the visit with which it opened a pairing, if it did: then the customer is
        recognised at that screen, and that visit ends. The answer has a new key.
        """
        ...

    def visit(self, key: str | None) -> PhoneVisit | None:
        """Return the phone's visit, and count its time from now again."""
        ...

    def enrol(self, visit: PhoneVisit, enrolment: Enrolment) -> PhoneVisit:
        """Record the consent, keep the key, and link the phone to the screen it paired with.

        Waits for the commit. With no purpose nothing is kept but an anonymous count.

        Raises:
            StorageUnavailableError: It could not be kept; nothing was.
        """
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

    def near(self, visit: PhoneVisit) -> tuple[str, ...]:
        """Return the screens whose lease is this customer's beacon."""
        ...

    def tap(self, visit: PhoneVisit, screen_id: str) -> PhoneVisit:
        """Confirm "I am at this screen": they are recognised there.

        Raises:
            RequestContractError: The screen is not one the phone paired with or is near to.
        """
        ...

    def disconnect(self, visit: PhoneVisit) -> PhoneVisit:
        """End the presence at the linked screen; the screen is neutral within a second."""
        ...

    def erase(self, visit: PhoneVisit) -> Erased:
        """Forget everything; returns when keys and records are gone from the disk."""
        ...


class Demo(Protocol):
    """What a demo has in place of a hand that holds a phone: buttons. A shop has none."""

    @property
    def has_radio(self) -> bool:
        """Whether somebody can come near."""
        ...

    def hold(self, text: str) -> None:
        """Hold a code before the kiosk's camera."""
        ...

    def come_near(self, visit: PhoneVisit) -> None:
        """Walk up to the kiosk with this phone, whose beacon sends for a minute."""
        ...


# ---- staff -------------------------------------------------------------------------------

Role = Literal["associate", "lead", "admin"]


@dataclass(frozen=True, slots=True)
class StaffSession:
    """Somebody of the team who signed in on an enrolled tablet."""

    key: str = field(repr=False)  # what the cookie holds
    user_id: str
    name: str
    role: Role
    ends_at: datetime  # 10 hours after signing in, at the latest


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """``locked_until`` is set after too many wrong PINs of this user on this tablet."""

    locked_until: datetime | None
    tries_left: int


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """What an associate may see while the customer's own token lives. No name, no list."""

    screen_id: str
    until_at: datetime
    recognised: Recognised
    greeting: Greeting


class Staff(Protocol):
    """Signing in on tablets, and looking at a customer's card. Every look is audited."""

    def enrol_tablet(self, code: str) -> str | None:
        """Return the key an enrolled tablet keeps, for a one-time code; None: not valid."""
        ...

    def is_enrolled(self, tablet_key: str | None) -> bool:
        """Return whether a tablet with that key is enrolled."""
        ...

    def people(self) -> tuple[tuple[str, str], ...]:
        """Return (user id, name) of those who may sign in."""
        ...

    def sign_in(self, tablet_key: str, user_id: str, pin: str) -> StaffSession | SignInRefused:
        """Sign in with a PIN of 6 to 12 digits."""
        ...

    def session(self, key: str | None, *, touched: bool) -> StaffSession | None:
        """Return the session; None when it locked (2 minutes untouched), ended or never was."""
        ...

    def sign_out(self, key: str | None) -> None:
        """End the session."""
        ...

    def presences(self, session: StaffSession) -> tuple[Presence, ...]:
        """Return who is at a screen now: screens, no people."""
        ...

    def card(self, session: StaffSession, presence_id: str) -> CustomerCard | None:
        """Return the card and record the look; None when the token no longer lives.

        Raises:
            RequestContractError: They looked at 30 cards within the hour. Each call counts.
            StorageUnavailableError: The look could not be recorded; there is no card then.
        """
        ...

    def let_go(self, session: StaffSession, presence_id: str) -> None:
        """End the customer's presence: "Done with this customer"."""
        ...
