"""Recognition without keys, codes or a radio: a test says who stands where.

``Recognised`` and ``Greeting`` are what the test set for a customer; a code is known by its
text. Everything else behaves as the port says: one presence per screen, its time runs out, and
what is recognised is read anew each time it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.catalog.order import Order
from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.core.clock import Clock
from edge.decide.values import Asked, Basis, Bought, Reason, Recognised, Shown, Slate
from edge.identity.consent import Purpose
from edge.identity.presence import LASTS, Presence, Presented
from edge.identity.profile import CustomerId
from edge.web.ports import Services
from edge.web.recognition_ports import CustomerScanned, Greeting, NothingScanned, Pairing, Scan
from tests.fakes.services import FakeShop

BOTH: Final = frozenset({Purpose.TASTES, Purpose.PAST_ORDERS})
PERSONAL: Final = (
    Placement(id="kiosk-usual", surface="kiosk", slots=3, personal="usual"),
    Placement(id="kiosk-tastes", surface="kiosk", slots=3, personal="tastes"),
    Placement(id="kiosk-new", surface="kiosk", slots=2, personal="new"),
)
REASONS: Final = {
    "usual": Reason.YOUR_USUAL,
    "tastes": Reason.GOES_WITH_TASTES,
    "new": Reason.NEW_FOR_YOU,
}
LATER: Final = datetime(2100, 1, 1, tzinfo=UTC)
ALEX_CODE: Final = "K1:ALEX IS HERE 1"
SAM_CODE: Final = "K1:SAM IS HERE TOO"


@dataclass
class FakeCustomer:
    """Somebody who consented; a test changes what they allow as it likes."""

    customer_id: CustomerId
    bought: tuple[Bought, ...] = ()
    starred: frozenset[str] = frozenset()
    greeting: Greeting = field(default_factory=lambda: Greeting("", "usual", "usual", BOTH, LATER))

    def recognised(self) -> Recognised | None:
        """Return what their purposes allow."""
        basis = tuple(Basis(f"record-{p.value}", p) for p in sorted(self.greeting.purposes & BOTH))
        if not basis:
            return None
        has_orders = Purpose.PAST_ORDERS in self.greeting.purposes
        has_tastes = Purpose.TASTES in self.greeting.purposes
        return Recognised(
            basis=basis,
            bought=self.bought if has_orders else (),
            starred=self.starred if has_tastes else frozenset(),
        )


def alex() -> FakeCustomer:
    """Return somebody with a usual: a butter croissant and a latte."""
    bought = (Bought("croissant", 3.2, 4), Bought("latte", 9.1, 2))
    return FakeCustomer(CustomerId(b"alex".ljust(16)), bought, frozenset({"chai-classic"}))


def sam() -> FakeCustomer:
    """Return somebody who allows their tastes to be used, and not their orders."""
    greeting = Greeting("", "usual", "usual", frozenset({Purpose.TASTES}), LATER)
    return FakeCustomer(
        CustomerId(b"sam".ljust(16)), starred=frozenset({"latte"}), greeting=greeting
    )


@dataclass
class FakeRecognition:
    """The port ``Recognition`` over two customers and their codes."""

    clock: Clock
    customers: dict[str, FakeCustomer] = field(
        default_factory=lambda: {ALEX_CODE: alex(), SAM_CODE: sam()}
    )
    codes: dict[str, Scan] = field(default_factory=dict)
    """What any other text is; what is in neither is nothing."""
    invited: set[str] = field(default_factory=set)
    remembered: list[tuple[str, Order]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pairings: int = 0
    _present: dict[str, tuple[Presence, FakeCustomer]] = field(default_factory=dict)
    _made: int = 0

    @property
    def alex(self) -> FakeCustomer:
        """The first customer."""
        return self.customers[ALEX_CODE]

    def arrive(self, screen_id: str, code: str = ALEX_CODE) -> Presence:
        """Let a customer be recognised at a screen, without a page having asked."""
        now, customer = self.clock(), self.customers[code]
        self._made += 1
        presence = Presence(
            presence_id=f"presence-{self._made}",
            screen_id=screen_id,
            customer_id=customer.customer_id,
            presented=Presented.CODE,
            since_at=now,
            until_at=now + LASTS,
        )
        self._present[screen_id] = (presence, customer)
        return presence

    def scanned(self, screen_id: str, text: str) -> Scan:
        """Take a text for what the test says it is."""
        self.texts.append(text)
        if text in self.customers:
            return CustomerScanned(self.arrive(screen_id, text))
        return self.codes.get(text, NothingScanned())

    def presence(self, screen_id: str) -> Presence | None:
        """Return who is at the screen, until their time is over."""
        found = self._present.get(screen_id)
        return found[0] if found and self.clock() < found[0].until_at else None

    def is_invited(self, screen_id: str) -> bool:
        """Return whether the test put a beacon near the screen."""
        return screen_id in self.invited

    def recognised(self, presence: Presence) -> Recognised | None:
        """Return what the customer of a living presence allows now."""
        customer = self._customer(presence)
        return customer.recognised() if customer else None

    def greeting(self, presence: Presence) -> Greeting | None:
        """Return how the customer of a living presence wants to be met."""
        customer = self._customer(presence)
        return replace(customer.greeting, until_at=presence.until_at) if customer else None

    def bought(self, presence: Presence, order: Order) -> None:
        """Remember whose order it was."""
        self.remembered.append((presence.presence_id, order))

    def leave(self, screen_id: str) -> None:
        """End the presence."""
        if self._present.pop(screen_id, None):
            self.left.append(screen_id)

    def pair(self, screen_id: str) -> Pairing:
        """Make another pairing."""
        self.pairings += 1
        token = f"{self.pairings:A>20}".replace("0", "B").replace("1", "C").replace("2", "D")
        ends = self.clock() + timedelta(seconds=60)
        return Pairing(f"HTTPS://127.0.0.1:8080/P/{token}", f"ABC{self.pairings:03d}", ends)

    def _customer(self, presence: Presence) -> FakeCustomer | None:
        current = self.presence(presence.screen_id)
        if current is None or current.presence_id != presence.presence_id:
            return None
        return self._present[presence.screen_id][1]


@dataclass
class KnowingShop(FakeShop):
    """The shop, with recognition switched on and rows for those it knows."""

    recognition: FakeRecognition = field(init=False)

    def __post_init__(self) -> None:
        """Give the shop its personal placements where its files have none yet."""
        self.recognition = FakeRecognition(self.clock)
        missing = [one for one in PERSONAL if self.site.placement(one.id) is None]
        placements = (*self.site.placements, *missing)
        self.site = self.site.model_copy(update={"placements": placements})

    def services(self) -> Services:
        """Return the functions the screens call, recognition among them."""
        return replace(
            super().services(),
            recognition=self.recognition,
            without_past_orders=lambda _asked, _id: ("espresso", "tea-earl-grey"),
        )

    def _keep(self, placement: Placement, fitting: Sequence[Product]) -> Slate:
        asked = self.asked[-1]
        if placement.personal is None:
            slate = super()._keep(placement, fitting)
            slate = replace(slate, is_unlinked=bool(asked.avoid))
        else:
            slate = self._personal(placement, fitting, asked)
        self.slates[slate.decision_id] = slate
        return slate

    def _personal(self, placement: Placement, fitting: Sequence[Product], asked: Asked) -> Slate:
        """Return what was bought for a usual, anything else for the others; nothing for guests."""
        slate = super()._keep(replace_row(placement), fitting)
        known = asked.recognised
        liked = {one.sku for one in known.bought} | known.starred if known else set()
        is_usual = placement.personal == "usual"
        chosen = [p for p in fitting if (p.sku in liked) == is_usual] if liked else []
        chosen = chosen[4:] if placement.personal == "new" else chosen
        reason = REASONS[placement.personal or "usual"]
        part = "history" if is_usual else "tastes"
        shown = tuple(
            Shown(
                slot,
                f"product:{p.sku}",
                p.sku,
                1.0 - slot / 100,
                {part: 1.0 - slot / 100},
                reason,
                1.0,
            )
            for slot, p in enumerate(chosen[: placement.slots])
        )
        because = {} if is_usual else {one.sku: min(liked) for one in shown}
        return replace(slate, placement_id=placement.id, shown=shown, because=because)


def replace_row(placement: Placement) -> Placement:
    """Return the placement as an ordinary one, to draw an id for its decision."""
    return placement.model_copy(update={"personal": None})
