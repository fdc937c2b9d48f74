"""Customers in memory behind the phone's pages: the port, with real proofs and no database.

Pairings are what a test puts there; a proof is read with the product's own reader. What the
phone is told is what the real one would tell; what it costs (commits, keys) is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.identity.consent import VALID_FOR, Notice, Purpose
from edge.identity.day_keys import day_key, day_of
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId, Profile
from edge.identity.proof import ProofReader
from edge.identity.windows import Windows
from edge.web.my_data_ports import Change, Erased, MyData, NotACustomerError, PhoneVisit
from edge.web.phone.applied import changed
from edge.web.phone_ports import Enrolment
from edge.web.ports import Services
from tests.fakes.services import FakeShop

GROUP = 1
KEYS_AHEAD = 7
STAYS = timedelta(days=30)


@dataclass
class Known:
    """One customer."""

    customer_id: CustomerId
    beacon_key: bytes
    since_at: datetime
    purposes: dict[Purpose, datetime] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    linked: str | None = None
    notices: list[Notice] = field(default_factory=list)


@dataclass
class FakeCustomers:
    """The port ``Customers``; a test reads and changes its fields."""

    shop: FakeShop
    pairings: dict[str, str] = field(default_factory=dict)
    """Token or code -> screen; each opens once."""
    people: dict[CustomerId, Known] = field(default_factory=dict)
    visits: dict[str, tuple[CustomerId | None, str | None]] = field(default_factory=dict)
    near_screens: tuple[str, ...] = ()
    declined: int = 0
    enrolments: list[Enrolment] = field(default_factory=list)
    erased: list[Erased] = field(default_factory=list)
    is_disk_full: bool = False
    windows: Windows = field(init=False)
    proofs: ProofReader = field(init=False)

    def __post_init__(self) -> None:
        """Know the keys of whoever enrols."""
        self.windows = Windows()
        self.proofs = ProofReader(self.windows)

    @property
    def only(self) -> Known:
        """The one customer there is."""
        (known,) = self.people.values()
        return known

    def open_pairing(self, token: str) -> PhoneVisit | None:
        screen = self.pairings.pop(token, None)
        return None if screen is None else self._begin(None, screen)

    def prove(self, code: str, paired: PhoneVisit | None = None) -> PhoneVisit | Refusal:
        self.windows.roll(self.shop.clock())
        read = self.proofs.read(code, self.shop.clock())
        if isinstance(read, Refusal):
            return read
        known = self.people.get(read)
        if known is None:
            return Refusal.UNKNOWN
        screen = paired.screen_id if paired else None
        if screen:
            known.linked = screen
        return self._begin(known.customer_id, screen)

    def visit(self, key: str | None) -> PhoneVisit | None:
        found = self.visits.get(key or "")
        if key is None or found is None:
            return None
        customer_id, paired = found
        known = self.people.get(customer_id) if customer_id else None
        return PhoneVisit(key, known.linked if known else paired, known is not None)

    def enrol(self, visit: PhoneVisit, enrolment: Enrolment) -> PhoneVisit:
        self._check_disk()
        if not enrolment.purposes:
            self.declined += 1
            return visit
        now = self.shop.clock()
        self.enrolments.append(enrolment)
        known = Known(CustomerId(self.shop.chance(16)), enrolment.beacon_key, now)
        known.purposes = dict.fromkeys(enrolment.purposes, now + VALID_FOR)
        known.notices.append(enrolment.notice)
        known.linked = visit.screen_id
        self.people[known.customer_id] = known
        days = range(day_of(now) - 1, day_of(now) + KEYS_AHEAD)
        keys = {day: day_key(known.beacon_key, GROUP, day) for day in days}
        self.windows.put(known.customer_id, keys, now)
        self.visits[visit.key] = (known.customer_id, visit.screen_id)
        return replace(visit, is_customer=True)

    def my_data(self, visit: PhoneVisit) -> MyData:
        known = self._known(visit)
        return MyData(
            profile=known.profile,
            purposes=dict(known.purposes),
            since_at=known.since_at,
            keeps_until=self.shop.clock() + STAYS,
            linked_screen=known.linked,
            uses=3,
        )

    def change(self, visit: PhoneVisit, change: Change) -> None:
        self._check_disk()
        known = self._known(visit)
        known.profile = changed(known.profile, change, self.shop.site, self.shop.clock())

    def set_purposes(self, visit: PhoneVisit, purposes: frozenset[Purpose], notice: Notice) -> None:
        self._check_disk()
        known = self._known(visit)
        until = self.shop.clock() + VALID_FOR
        known.purposes = {p: known.purposes.get(p, until) for p in purposes}
        known.notices.append(notice)
        if Purpose.PAST_ORDERS not in purposes:
            known.profile = replace(known.profile, purchases=())

    def export(self, visit: PhoneVisit) -> Mapping[str, object]:
        wishes = self._known(visit).profile.wishes
        return {"format": "test", "declared": {"starred": sorted(wishes.starred)}, "uses": 3}

    def receipt(self, visit: PhoneVisit) -> Mapping[str, object]:
        notice = self._known(visit).notices[0]
        return {"notice": notice.notice_id, "text_sha256": notice.text_sha256.hex()}

    def near(self, visit: PhoneVisit) -> tuple[str, ...]:
        return self.near_screens if visit.is_customer else ()

    def tap(self, visit: PhoneVisit, screen_id: str) -> PhoneVisit:
        known = self._known(visit)
        if screen_id not in self.near_screens:
            msg = "wanted a screen that this phone is at, got another; scan its code"
            raise RequestContractError(msg)
        known.linked = screen_id
        return replace(visit, screen_id=screen_id)

    def disconnect(self, visit: PhoneVisit) -> PhoneVisit:
        self._known(visit).linked = None
        return replace(visit, screen_id=None)

    def erase(self, visit: PhoneVisit) -> Erased:
        self._check_disk()
        known = self._known(visit)
        del self.people[known.customer_id]
        self.windows.remove(known.customer_id)
        self.erased.append(Erased(f"erasure-{len(self.erased) + 1}", self.shop.clock()))
        return self.erased[-1]

    def _begin(self, customer_id: CustomerId | None, screen: str | None) -> PhoneVisit:
        key = self.shop.chance(32).hex()
        self.visits[key] = (customer_id, screen)
        return PhoneVisit(key, screen, customer_id is not None)

    def _known(self, visit: PhoneVisit) -> Known:
        customer_id, _ = self.visits.get(visit.key, (None, None))
        known = self.people.get(customer_id) if customer_id else None
        if known is None:
            msg = "wanted a customer's phone, got another; show the code again"
            raise NotACustomerError(msg)
        return known

    def _check_disk(self) -> None:
        if self.is_disk_full:
            msg = "the disk is full; free some space"
            raise StorageUnavailableError(msg)


@dataclass
class PhoneShop(FakeShop):
    """The shop with customers."""

    customers: FakeCustomers = field(init=False)

    def __post_init__(self) -> None:
        """Begin without a single customer."""
        self.customers = FakeCustomers(self)

    def services(self) -> Services:
        """Return the functions the screens call, customers' among them."""
        return replace(super().services(), customers=self.customers)
