"""Signing in on tablets, and looking at a customer's card: the port ``Staff``.

A card is shown only on an enrolled tablet, to somebody who is signed in and may see it, while the
customer's own token lives, and after the look is on disk in the audit log. All of this is asked
anew for every card; whatever ended meanwhile, there is none.

Source: security.md T9, T10; decided.md 38.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from edge.app.pins import Pins
from edge.app.staff_sessions import KEY_BYTES, StaffSessions, hash_of
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.decide.values import Recognised
from edge.identity.presence import Presence
from edge.policy.roles import Action, may
from edge.store.audit import Audit, AuditEntry
from edge.store.chain import Mac, canonical
from edge.store.staff import Counter, Team, Tries
from edge.web.recognition_ports import Greeting
from edge.web.staff_ports import CustomerCard, SignInRefused, StaffSession

T = TypeVar("T")

CARDS_AN_HOUR: Final = 30
FAILURES_PER_USER: Final = 5
FAILURES_PER_TABLET: Final = 20
FAILURES_PER_DEVICE: Final = 20
"""Wrong enrolment codes in a quarter of an hour, from wherever."""
_HOUR: Final = timedelta(hours=1)
_WAIT_S: Final = 5.0
_UNKNOWN: Final = "unknown"


class TooManyCardsError(RequestContractError):
    """This member looked at 30 cards within the hour."""


@dataclass(frozen=True, slots=True)
class AtScreens:
    """What staff need of recognition; each is asked at the moment it is needed."""

    presences: Callable[[], tuple[Presence, ...]]
    recognised: Callable[[Presence], Recognised | None]
    greeting: Callable[[Presence], Greeting | None]
    leave: Callable[[str], object]
    subject_ref: Callable[[Presence], str | None]
    """Whose look is recorded: their reference in consent records, which erasing shreds."""


@dataclass(frozen=True, slots=True)
class StaffParts:
    """What signing in works with. ``mac`` is keyed for staff alone."""

    team: Team
    audit: Audit
    pins: Pins
    mac: Mac
    clock: Clock
    chance: Chance


class StaffDesk:
    """Implements ``edge.web.staff_ports.Staff``. Safe to use from every thread."""

    def __init__(self, parts: StaffParts, at_screens: AtScreens) -> None:
        self._parts = parts
        self._at_screens = at_screens
        self._sessions = StaffSessions(parts.clock, parts.chance)
        self._looking = threading.Lock()

    # ---- tablets -----------------------------------------------------------------------

    def enrol_tablet(self, code: str) -> str | None:
        """Return the key an enrolled tablet keeps, for a one-time code; None: not valid."""
        parts = self._parts
        counter = self._counter("enrol", limit=FAILURES_PER_DEVICE)
        if not self._tries(counter).is_allowed:
            return None
        key = parts.chance(KEY_BYTES).hex()
        name = _done(parts.team.take_code(code_hash(parts.mac, code), hash_of(key), parts.clock()))
        if name is None:
            return None
        _done(parts.team.forgive(counter))
        self._note("device", "enrol_tablet", detail=name)
        return key

    def is_enrolled(self, tablet_key: str | None) -> bool:
        """Return whether a tablet with that key is enrolled."""
        return bool(tablet_key) and self._parts.team.is_tablet(hash_of(tablet_key or ""))

    # ---- signing in --------------------------------------------------------------------

    def people(self) -> tuple[tuple[str, str], ...]:
        """Return (user id, name) of those who may sign in."""
        return tuple((member.user_id, member.name) for member in self._parts.team.people())

    def sign_in(self, tablet_key: str, user_id: str, pin: str) -> StaffSession | SignInRefused:
        """Sign in with a PIN of 6 to 12 digits; the session has a new key.

        An unknown member fails as slowly, as often and with the same words as a known one.
        """
        parts = self._parts
        if not self.is_enrolled(tablet_key):
            return SignInRefused(locked_until=None, tries_left=0)
        tablet = hash_of(tablet_key)
        of_user = self._counter("user", tablet.hex(), user_id, limit=FAILURES_PER_USER)
        of_tablet = self._counter("tablet", tablet.hex(), limit=FAILURES_PER_TABLET)
        tries = self._tries(of_user, of_tablet)
        if not tries.is_allowed:
            return SignInRefused(tries.locked_until, 0)
        member = parts.team.member(user_id)
        if not parts.pins.fits(user_id, pin, member.pin_hash if member else None) or member is None:
            return self._refused(member.user_id if member else _UNKNOWN, tries)
        _done(parts.team.forgive(of_user, of_tablet))
        self._note(member.user_id, "sign_in")
        return self._sessions.begin(member, tablet)

    def session(self, key: str | None, *, touched: bool) -> StaffSession | None:
        """Return the session; None when it locked, ended, was revoked or never was."""
        found = self._sessions.find(key, touched=touched)
        if found is None:
            return None
        session, tablet = found
        member = self._parts.team.member(session.user_id)
        if member is None or member.role != session.role or not self._parts.team.is_tablet(tablet):
            self._sessions.end(key)
            return None
        return replace(session, name=member.name)

    def sign_out(self, key: str | None) -> None:
        """End the session."""
        ended = self._sessions.end(key)
        if ended is not None:
            self._note(ended.user_id, "sign_out")

    # ---- customers ---------------------------------------------------------------------

    def presences(self, session: StaffSession) -> tuple[Presence, ...]:
        """Return who is at a screen now: screens, no people."""
        if not self._is_allowed(session, Action.SEE_PRESENCES):
            return ()
        return self._at_screens.presences()

    def card(self, session: StaffSession, presence_id: str) -> CustomerCard | None:
        """Return the card and record the look; None when the token no longer lives.

        Each call is a look, so a page that refreshes itself must not call it.

        Raises:
            TooManyCardsError: The member looked at 30 within the hour.
            StorageUnavailableError: The look could not be recorded; there is no card then.
        """
        if self._made(session, presence_id) is None:
            return None
        presence = self._living(presence_id)
        if presence is None:
            return None
        self._record_look(session, presence)
        return self._made(session, presence_id)  # as it is now that the look is recorded

    def let_go(self, session: StaffSession, presence_id: str) -> None:
        """End the customer's presence: "Done with this customer"."""
        presence = self._living(presence_id)
        if presence is None or not self._is_allowed(session, Action.LET_GO):
            return
        self._at_screens.leave(presence.screen_id)
        subject_ref = self._at_screens.subject_ref(presence)
        self._note(session.user_id, "let_go", subject_ref, presence.screen_id)

    # ---- details -----------------------------------------------------------------------

    def _made(self, session: StaffSession, presence_id: str) -> CustomerCard | None:
        if not self._is_allowed(session, Action.SEE_CARD):
            return None
        presence = self._living(presence_id)
        if presence is None:
            return None
        recognised = self._at_screens.recognised(presence)
        greeting = self._at_screens.greeting(presence)
        if recognised is None or greeting is None:
            return None
        return CustomerCard(presence.screen_id, presence.until_at, recognised, greeting)

    def _record_look(self, session: StaffSession, presence: Presence) -> None:
        parts = self._parts
        subject_ref = self._at_screens.subject_ref(presence)
        with self._looking:  # two looks at once must not both be the thirtieth
            seen = parts.audit.count_since(session.user_id, "card", parts.clock() - _HOUR)
            if seen < CARDS_AN_HOUR:
                self._note(session.user_id, "card", subject_ref, presence.screen_id)
                return
        msg = (
            f"wanted at most {CARDS_AN_HOUR} customer cards an hour, this would be one more; "
            "wait, or let a colleague take over"
        )
        raise TooManyCardsError(msg)

    def _living(self, presence_id: str) -> Presence | None:
        now = self._parts.clock()
        return next(
            (
                one
                for one in self._at_screens.presences()
                if one.presence_id == presence_id and one.since_at <= now < one.until_at
            ),
            None,
        )

    def _is_allowed(self, session: StaffSession, action: Action) -> bool:
        living = self.session(session.key, touched=False)
        return living is not None and may(living.role, action)

    def _refused(self, actor: str, tries: Tries) -> SignInRefused:
        self._note(actor, "sign_in_locked" if tries.locked_until else "sign_in_refused")
        return SignInRefused(tries.locked_until, tries.left)

    def _tries(self, *counters: Counter) -> Tries:
        return _done(self._parts.team.count_try(counters, self._parts.clock()))

    def _counter(self, *names: str, limit: int) -> Counter:
        return Counter(self._parts.mac(canonical("counter", *names)), limit)

    def _note(
        self,
        actor: str,
        action: str,
        subject_ref: str | None = None,
        screen_id: str = "",
        detail: str = "",
    ) -> None:
        _done(self._parts.audit.add(AuditEntry(actor, action, subject_ref, screen_id, detail)))


def code_hash(mac: Mac, code: str) -> bytes:
    """Return what is kept of an enrolment code, however it was typed."""
    return mac(canonical("code", code.strip().upper().replace("-", "").replace(" ", "")))


def _done(future: "Future[T]") -> T:
    try:
        return future.result(_WAIT_S)
    except FutureTimeoutError as error:
        msg = f"wanted to record within {_WAIT_S:.0f} s, the disk did not answer"
        raise StorageUnavailableError(msg) from error
