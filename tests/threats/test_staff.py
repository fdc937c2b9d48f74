"""T9: whatever happens in whatever order, a card needs tablet, member, customer and a record.

A second, much simpler account of the rules runs beside the desk; after every step of a random
history the desk must show a card exactly when that account says so.
"""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.app.staff import CARDS_AN_HOUR, TooManyCardsError
from edge.identity.profile import CustomerId
from edge.web.staff_ports import StaffSession
from tests.fakes.staff_shop import PIN, staff_shop

MEMBERS = {"amira": "associate", "jonas": "lead", "ines": "admin"}
TABLETS = ["one", "two"]
SCREENS = ["kiosk-1", "kiosk-2"]
SESSION_IDLE, SESSION_LONGEST = timedelta(minutes=2), timedelta(hours=10)
PRESENCE_LASTS = timedelta(minutes=10)


@dataclass
class Told:
    """What the simple account knows of a session."""

    session: StaffSession
    tablet: str
    touched_at: datetime
    since_at: datetime
    is_over: bool = False


class Desk(RuleBasedStateMachine):
    """Random histories of a shop's day."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp())
        self.stack.callback(shutil.rmtree, self.folder)
        self.shop = self.stack.enter_context(staff_shop(self.folder))
        self.keys: dict[str, str] = {}  # tablet -> key, while it is enrolled
        self.team = dict(MEMBERS)
        self.sessions: list[Told] = []
        self.seen: list[str] = []  # ids of presences that ever were
        self.here: dict[str, tuple[str, CustomerId, datetime]] = {}  # screen -> who, until
        self.withdrawn: set[CustomerId] = set()
        self.cards: list[tuple[str, datetime]] = []

    def teardown(self) -> None:
        self.stack.close()

    # ---- what happens ------------------------------------------------------------------

    @initialize(users=st.permutations(sorted(MEMBERS)))
    def open_shop(self, users: list[str]) -> None:
        """Begin where something can go wrong: two are signed in, a customer is there."""
        for name, user_id in zip(TABLETS, users, strict=False):
            self.enrol(name)
            self.sign_in(name, user_id, is_right=True)
        self.present_token(SCREENS[0], b"a" * 16)

    @rule(name=st.sampled_from(TABLETS))
    def enrol(self, name: str) -> None:
        self.end_on(name)
        self.keys[name] = self.shop.tablet(name)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def lose_tablet(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.keys)))
        self.shop.office.remove_tablet(name)
        del self.keys[name]
        self.end_on(name)

    @rule(
        name=st.sampled_from(TABLETS),
        user_id=st.sampled_from([*MEMBERS, "nobody"]),
        is_right=st.sampled_from([True, True, True, False]),
    )
    def sign_in(self, name: str, user_id: str, *, is_right: bool) -> None:
        key = self.keys.get(name, "0" * 64)
        found = self.shop.desk.sign_in(key, user_id, PIN if is_right else "141421")
        if isinstance(found, StaffSession):
            assert is_right
            assert user_id in self.team
            assert name in self.keys
            self.end_on(name)
            now = self.shop.clock()
            self.sessions.append(Told(found, name, now, now))

    @rule()
    def leave_for_good(self) -> None:
        for user_id in sorted(set(self.team) & {"amira"}):
            self.shop.office.remove(user_id)
            del self.team[user_id]
            for told in self.sessions:
                told.is_over |= told.session.user_id == user_id

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        told = data.draw(st.sampled_from(self.sessions))
        self.shop.desk.sign_out(told.session.key)
        told.is_over = True

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        told = data.draw(st.sampled_from(self.sessions))
        lives = self.lives(told)
        assert (self.shop.desk.session(told.session.key, touched=True) is not None) == lives
        if lives:
            told.touched_at = self.shop.clock()

    @rule()
    def restart(self) -> None:
        self.shop.desk = self.shop.opened()
        for told in self.sessions:
            told.is_over = True

    @rule(seconds=st.sampled_from([1, 30, 119, 120, 600]))
    def wait(self, seconds: int) -> None:
        self.shop.clock.advance(timedelta(seconds=seconds))

    @rule(screen=st.sampled_from(SCREENS), who=st.sampled_from([b"a" * 16, b"b" * 16]))
    def present_token(self, screen: str, who: bytes) -> None:
        customer = CustomerId(who)
        presence = self.shop.customer(screen, customer)
        self.here = {s: p for s, p in self.here.items() if p[1] != customer}
        self.here[screen] = (presence.presence_id, customer, self.shop.clock() + PRESENCE_LASTS)
        self.seen.append(presence.presence_id)

    @rule(screen=st.sampled_from(SCREENS))
    def end_visit(self, screen: str) -> None:
        self.shop.presences.end(screen)
        self.here.pop(screen, None)

    @rule(who=st.sampled_from([b"a" * 16, b"b" * 16]))
    def withdraw(self, who: bytes) -> None:
        self.shop.withdrawn.add(CustomerId(who))
        self.withdrawn.add(CustomerId(who))

    @rule(who=st.sampled_from([b"a" * 16, b"b" * 16]))
    def consent_again(self, who: bytes) -> None:
        self.shop.withdrawn.discard(CustomerId(who))
        self.withdrawn.discard(CustomerId(who))

    # ---- what must hold ----------------------------------------------------------------

    @invariant()
    def a_card_needs_tablet_member_customer_and_a_record(self) -> None:
        for told in self.sessions[-4:]:
            for presence_id in self.seen[-2:]:
                self.look(told, presence_id)
        assert len(self.shop.looks()) == len(self.cards)

    def look(self, told: Told, presence_id: str) -> None:
        now, user_id = self.shop.clock(), told.session.user_id
        may = self.lives(told) and told.session.role != "admin" and self.is_here(presence_id)
        had = sum(1 for who, at in self.cards if who == user_id and now - at < timedelta(hours=1))
        try:
            card = self.shop.desk.card(told.session, presence_id)
        except TooManyCardsError:
            assert may
            assert had == CARDS_AN_HOUR
            return
        assert (card is not None) == may
        if card is not None:
            assert had < CARDS_AN_HOUR
            self.cards.append((user_id, now))

    def lives(self, told: Told) -> bool:
        now = self.shop.clock()
        return (
            not told.is_over
            and now - told.touched_at < SESSION_IDLE
            and now - told.since_at < SESSION_LONGEST
        )

    def is_here(self, presence_id: str) -> bool:
        now = self.shop.clock()
        return any(
            presence_id == one and now < until and customer not in self.withdrawn
            for one, customer, until in self.here.values()
        )

    def end_on(self, tablet: str) -> None:
        for told in self.sessions:
            told.is_over |= told.tablet == tablet


Desk.TestCase.settings = settings(
    max_examples=14,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestDesk = Desk.TestCase
