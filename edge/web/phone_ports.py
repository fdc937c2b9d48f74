"""What the phone's pages in a shop need beyond "My data": to come to a screen, to consent, to leave it.

``app`` implements it.
"""

from dataclasses import dataclass, field
from typing import Protocol

from edge.identity.consent import Notice, Purpose
from edge.identity.presence import Refusal
from edge.web.my_data_ports import OwnData, PhoneVisit


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a phone sends with its first consent.

    ``beacon_key`` is the 32 random bytes it made and keeps; sent once, never again.
    """

    purposes: frozenset[Purpose]
    beacon_key: bytes = field(repr=False)
    notice: Notice
    is_over_age: bool


class Customers(OwnData, Protocol):
    """The customer's own page in a shop. A method that needs a customer raises NotACustomerError."""

    def open_pairing(self, token: str) -> PhoneVisit | None:
        """Take up a pairing by its token or its 6-character code; None: over, used or unknown."""
        ...

    def prove(self, code: str, paired: PhoneVisit | None = None) -> PhoneVisit | Refusal:
        """Answer a phone that shows, with a fresh proof (P1), that it holds its key.

        ``paired`` is the visit with which it opened a pairing, if it did: then the customer is
        recognised at that screen, and that visit ends. The answer has a new key.
        """
        ...

    def enrol(self, visit: PhoneVisit, enrolment: Enrolment) -> PhoneVisit:
        """Record the consent, keep the key, and link the phone to the screen it paired with.

        Waits for the commit. With no purpose nothing is kept but an anonymous count.

        Raises:
            StorageUnavailableError: It could not be kept; nothing was.
        """
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
