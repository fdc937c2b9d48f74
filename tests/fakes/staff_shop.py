"""A shop's staff desk over a real store, with PINs that cost nearly nothing to try."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.app.pins import PinCost
from edge.app.recognition.presences import Presences
from edge.app.staff import AtScreens, StaffDesk, StaffParts
from edge.app.team import TeamOffice, demo_staff, pins_of, staff_mac
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.decide.values import Basis, Recognised
from edge.identity.consent import Purpose
from edge.identity.presence import Presence, Presented
from edge.identity.profile import CustomerId
from edge.store.store import Store
from edge.web.recognition_ports import Greeting
from edge.web.staff_ports import StaffSession
from tests.fakes.recorded import NOON, open_store

CHEAP: Final = PinCost(rounds=1, memory_kib=8)
PIN: Final = "271828"
ALICE: Final = CustomerId(b"a" * 16)
KIOSK: Final = "kiosk-1"


@dataclass
class StaffShop:
    """A desk, and hands to bring customers, tablets and members."""

    store: Store
    clock: SettableClock
    presences: Presences
    withdrawn: set[CustomerId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.office = TeamOffice(self.store, clock=self.clock, chance=system_chance, cost=CHEAP)
        self.desk = self.opened()

    def opened(self) -> StaffDesk:
        """Return a desk as after a start of the service: no session is left."""
        keys = self.store.keys
        parts = StaffParts(
            team=self.store.staff,
            audit=self.store.audit,
            pins=pins_of(keys, system_chance, CHEAP),
            mac=staff_mac(keys),
            clock=self.clock,
            chance=system_chance,
        )
        at_screens = AtScreens(
            presences=self.presences.all,
            recognised=self._recognised,
            greeting=self._greeting,
            leave=self.presences.end,
            subject_ref=lambda presence: f"ref-{presence.customer_id.hex()}",
        )
        return StaffDesk(parts, at_screens)

    def tablet(self, name: str = "counter") -> str:
        """Enrol a tablet and return its key."""
        key = self.desk.enrol_tablet(self.office.offer_tablet(name).code)
        assert key is not None
        return key

    def signed_in(self, tablet: str, user_id: str = "amira") -> StaffSession:
        """Sign in with the right PIN."""
        session = self.desk.sign_in(tablet, user_id, PIN)
        assert isinstance(session, StaffSession)
        return session

    def customer(self, screen_id: str = KIOSK, customer_id: CustomerId = ALICE) -> Presence:
        """Let a customer present their token at a screen."""
        return self.presences.begin(screen_id, customer_id, Presented.CODE)

    def looks(self) -> list[str]:
        """Return whose cards were looked at, newest first."""
        entries = self.store.audit.entries(1000)
        return [entry.subject_ref or "" for _, entry in entries if entry.action == "card"]

    def deeds(self) -> list[tuple[str, str]]:
        """Return (actor, action) of the audit log, oldest first."""
        entries = self.store.audit.entries(1000)
        return [(entry.actor, entry.action) for _, entry in reversed(entries)]

    def _recognised(self, presence: Presence) -> Recognised | None:
        allows = presence.customer_id not in self.withdrawn and self._lives(presence)
        return Recognised((Basis("r1", Purpose.TASTES),)) if allows else None

    def _greeting(self, presence: Presence) -> Greeting | None:
        if not self._lives(presence):
            return None
        return Greeting("", "usual", "usual", frozenset(), presence.until_at)

    def _lives(self, presence: Presence) -> bool:
        return self.presences.living(presence.presence_id) is not None


@contextmanager
def staff_shop(folder: Path) -> Iterator[StaffShop]:
    """Open a shop with Amira (associate), Jonas (lead) and Ines (admin)."""
    clock = SettableClock(NOON)
    store = open_store(folder, clock)
    try:
        demo_staff(store, PIN, clock=clock, cost=CHEAP)
        shop = StaffShop(store, clock, Presences(clock, system_chance))
        shop.office.put("ines", "Ines", "admin", PIN)
        yield shop
    finally:
        store.close()
