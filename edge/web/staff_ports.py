"""What the tablet needs to know the team, and to show them a customer's card. ``app`` implements it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from edge.decide.values import Recognised
from edge.identity.presence import Presence
from edge.web.recognition_ports import Greeting

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
