"""A team in memory behind the tablet's pages: the port ``Staff``, without a database.

What a test needs to see is kept: who looked at whose card, and who let whom go. Customers are
those of the fake recognition, so that letting one go leaves the kiosk as well.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.identity.presence import Presence
from edge.policy.roles import Action, may
from edge.web.ports import Services
from edge.web.staff_ports import CustomerCard, Role, SignInRefused, StaffSession
from tests.fakes.recognition import KnowingShop

PIN: Final = "271828"
CODE: Final = "ABCD-2345"
IDLE: Final = timedelta(minutes=2)
LOCKED: Final = timedelta(minutes=15)
TRIES: Final = 5


@dataclass
class FakeStaff:
    """The port ``Staff``; a test reads and changes its fields."""

    shop: KnowingShop
    team: dict[str, tuple[str, Role]] = field(
        default_factory=lambda: {
            "amira": ("Amira", "associate"),
            "jonas": ("Jonas", "lead"),
            "ines": ("Ines", "admin"),
        }
    )
    codes: set[str] = field(default_factory=lambda: {CODE})
    tablets: set[str] = field(default_factory=set)
    looks: list[tuple[str, str]] = field(default_factory=list)
    """(user id, presence id) of every card that was shown."""
    most_looks: int = 30
    cannot_record: bool = False
    failures: dict[tuple[str, str], int] = field(default_factory=dict)
    locked: dict[tuple[str, str], datetime] = field(default_factory=dict)
    sessions: dict[str, tuple[StaffSession, datetime]] = field(default_factory=dict)

    def enrol_tablet(self, code: str) -> str | None:
        if code not in self.codes:
            return None
        self.codes.remove(code)
        key = self.shop.chance(32).hex()
        self.tablets.add(key)
        return key

    def is_enrolled(self, tablet_key: str | None) -> bool:
        return tablet_key in self.tablets

    def people(self) -> tuple[tuple[str, str], ...]:
        return tuple((user_id, name) for user_id, (name, _) in self.team.items())

    def sign_in(self, tablet_key: str, user_id: str, pin: str) -> StaffSession | SignInRefused:
        if tablet_key not in self.tablets:
            return SignInRefused(None, 0)
        now, who = self.shop.clock(), (tablet_key, user_id)
        if who in self.locked and now < self.locked[who]:
            return SignInRefused(self.locked[who], 0)
        if pin != PIN or user_id not in self.team:
            self.failures[who] = self.failures.get(who, 0) + 1
            left = TRIES - self.failures[who]
            if left <= 0:
                self.locked[who] = now + LOCKED
            return SignInRefused(self.locked.get(who), max(0, left))
        self.failures.pop(who, None)
        return self.begin(user_id)

    def begin(self, user_id: str) -> StaffSession:
        """Sign somebody in without a PIN, under a new key."""
        now, (name, role) = self.shop.clock(), self.team[user_id]
        key = self.shop.chance(32).hex()
        session = StaffSession(key, user_id, name, role, now + timedelta(hours=10))
        self.sessions[key] = (session, now)
        return session

    def session(self, key: str | None, *, touched: bool) -> StaffSession | None:
        found = self.sessions.get(key or "")
        if found is None:
            return None
        session, touched_at = found
        now = self.shop.clock()
        if now - touched_at >= IDLE or now >= session.ends_at:
            del self.sessions[session.key]
            return None
        if touched:
            self.sessions[session.key] = (session, now)
        return session

    def sign_out(self, key: str | None) -> None:
        self.sessions.pop(key or "", None)

    def presences(self, session: StaffSession) -> tuple[Presence, ...]:
        if not may(session.role, Action.SEE_PRESENCES):
            return ()
        screens = [screen.screen_id for screen in self.shop.screens]
        found = (self.shop.recognition.presence(screen_id) for screen_id in screens)
        return tuple(presence for presence in found if presence is not None)

    def card(self, session: StaffSession, presence_id: str) -> CustomerCard | None:
        if not may(session.role, Action.SEE_CARD):
            return None
        found = (p for p in self.presences(session) if p.presence_id == presence_id)
        presence = next(found, None)
        if presence is None:
            return None
        recognised = self.shop.recognition.recognised(presence)
        greeting = self.shop.recognition.greeting(presence)
        if recognised is None or greeting is None:
            return None
        if self.cannot_record:
            msg = "the disk is full; free some space"
            raise StorageUnavailableError(msg)
        if sum(who == session.user_id for who, _ in self.looks) >= self.most_looks:
            msg = f"wanted at most {self.most_looks} customer cards an hour"
            raise RequestContractError(msg)
        self.looks.append((session.user_id, presence_id))
        return CustomerCard(presence.screen_id, presence.until_at, recognised, greeting)

    def let_go(self, session: StaffSession, presence_id: str) -> None:
        for presence in self.presences(session):
            if presence.presence_id == presence_id:
                self.shop.recognition.leave(presence.screen_id)


@dataclass
class StaffedShop(KnowingShop):
    """The shop with recognition, customers to meet and a team that meets them."""

    staff: FakeStaff = field(init=False)

    def __post_init__(self) -> None:
        """Begin with a team and no enrolled tablet."""
        super().__post_init__()
        self.staff = FakeStaff(self)

    def services(self) -> Services:
        """Return the functions the screens call, the team's among them."""
        return replace(super().services(), staff=self.staff)
