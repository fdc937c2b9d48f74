"""A customer of the whole appliance: their phone, and what they say on it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.app.recognition.customers import CustomerPages
from edge.app.recognition.runtime import Ground, Recognising, build_recognition
from edge.app.wiring import Appliance
from edge.catalog.site import Site
from edge.core.chance import system_chance
from edge.core.clock import Clock
from edge.decide.values import Recognised
from edge.identity.consent import Notice, Purpose
from edge.identity.presence import Presence
from edge.identity.proof import proof
from edge.identity.simulated_phone import SimulatedPhone
from edge.store.store import Store
from edge.web.my_data_ports import Change, PhoneVisit
from edge.web.phone_ports import Enrolment
from edge.web.recognition_ports import CustomerScanned, Scan
from edge.wire.cloudevents import Origin
from tests.fakes.appliance import settings, site
from tests.fakes.recorded import open_store

NOTICE = Notice("recognition", "1.0", b"\x01" * 32, b"\x02" * 32, "en")
EVERYTHING = frozenset(Purpose)
PREFIX = bytes.fromhex("6b629a41")


@dataclass(frozen=True)
class Bare:
    """Recognition over a real store, without the rest of the appliance: quick to build."""

    store: Store
    shop: Site
    recognising: Recognising | None

    def stop(self) -> None:
        """Close the store."""
        self.store.close()


@contextmanager
def bare(data: Path, clock: Clock, **overrides: object) -> Iterator[Bare]:
    """Build recognition in ``data`` with the demo's settings, and close it at the end."""
    shop = site()
    store = open_store(data, clock)
    origin = Origin(shop.header.site, "demo-1", "0.1.0", lambda: "rtc")
    wanted = settings(data, **overrides).recognition
    ground = Ground(wanted, store, shop, origin, clock, system_chance)
    built = Bare(store, shop, build_recognition(ground, lambda: "rtc"))
    try:
        yield built
    finally:
        built.stop()


def recognising(built: Appliance | Bare) -> Recognising:
    """Return recognition of an appliance that has it, with its customers loaded."""
    assert built.recognising is not None
    built.recognising.known.tick()
    return built.recognising


@dataclass
class Customer:
    """Somebody with a phone, who enrolled at a kiosk."""

    parts: Recognising
    clock: Clock
    phone: SimulatedPhone
    visit: PhoneVisit

    @classmethod
    def enrolled(
        cls,
        built: Appliance | Bare,
        clock: Clock,
        purposes: Iterable[Purpose] = EVERYTHING,
        screen_id: str = "kiosk-1",
    ) -> "Customer":
        """Come to a kiosk, scan its code, and say yes to ``purposes``."""
        parts = recognising(built)
        key = system_chance(32)
        pairing = parts.recognise.pair(screen_id)
        opened = parts.pages.open_pairing(pairing.url.rpartition("/")[2])
        assert opened is not None
        visit = parts.pages.enrol(
            opened, Enrolment(frozenset(purposes), key, NOTICE, is_over_age=True)
        )
        phone = SimulatedPhone(key, parts.settings.group, PREFIX)
        return cls(parts, clock, phone, visit)

    @property
    def pages(self) -> CustomerPages:
        """The customer's own page."""
        return self.parts.pages

    def scan(self, screen_id: str = "kiosk-1") -> Scan:
        """Hold the phone's code to a kiosk."""
        self.parts.known.tick()
        return self.parts.recognise.scanned(screen_id, self.phone.k1(self.clock(), system_chance))

    def come(self, screen_id: str = "kiosk-1") -> Presence:
        """Be recognised at a kiosk by the code."""
        found = self.scan(screen_id)
        assert isinstance(found, CustomerScanned), found
        return found.presence

    def leave(self, screen_id: str = "kiosk-1") -> None:
        """Walk away: the visit ends."""
        self.parts.recognise.leave(screen_id)

    def known_as(self, screen_id: str = "kiosk-1") -> Recognised | None:
        """Return what a decision at the kiosk may use of them now."""
        presence = self.parts.recognise.presence(screen_id)
        return None if presence is None else self.parts.recognise.recognised(presence)

    def open_page(self) -> PhoneVisit:
        """Open the phone's page another day: it proves that it holds the key."""
        self.parts.known.tick()
        made = proof(self.phone.day_key(self.clock()), self.clock(), system_chance(4))
        visit = self.pages.prove(made)
        assert isinstance(visit, PhoneVisit), visit
        self.visit = visit
        return visit

    def change(self, **change: object) -> None:
        """Change something on the phone."""
        self.pages.change(self.visit, Change(**change))  # type: ignore[arg-type] # fields of Change

    def allow(self, *purposes: Purpose) -> None:
        """Let exactly these purposes hold."""
        self.pages.set_purposes(self.visit, frozenset(purposes), NOTICE)
