"""Customers of a store whose every fact is a canary: found on the disk, it gives itself away."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from edge.core.chance import system_chance
from edge.decide.values import Basis
from edge.identity.consent import Purpose
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId, Profile, Purchase, Wishes
from edge.store.consents import NewConsent
from edge.store.decisions import RecordedDecision
from edge.store.moment import to_day
from edge.store.store import Store
from tests.fakes.proofs import consent, said
from tests.fakes.recorded import NOON, TestEvent, engagement, new_id

TODAY = to_day(NOON)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A customer, and everything that leads to them."""

    name: str
    at: datetime = NOON
    customer_id: CustomerId = field(default_factory=lambda: CustomerId(system_chance(16)))
    subject_ref: str = field(default_factory=lambda: system_chance(16).hex())
    pseudonym: bytes = field(default_factory=lambda: system_chance(8))
    beacon_key: bytes = field(default_factory=lambda: system_chance(32))
    day_key: bytes = field(default_factory=lambda: system_chance(16))
    record_id: str = field(default_factory=new_id)

    @property
    def holder(self) -> Holder:
        """What they are recognised by."""
        return Holder(
            customer_id=self.customer_id,
            subject_ref=self.subject_ref,
            pseudonym=self.pseudonym,
            beacon_key=self.beacon_key,
            day_keys={TODAY: self.day_key},
            is_reported=False,
            since_at=self.at,
            language="en",
        )

    @property
    def profile(self) -> Profile:
        """What is known of them."""
        return Profile(
            wishes=Wishes(
                starred=frozenset({f"star-{self.name}"}),
                muted=frozenset({f"muted-{self.name}"}),
                less=frozenset({f"less-{self.name}"}),
                name=f"Given-{self.name}",
                shows_name=True,
                surprise="more",
                help_level="less",
            ),
            purchases=tuple(
                Purchase(f"sku-{self.name}-{n}", to_day(self.at) - n, 1, is_gift=n == 2)
                for n in range(5)
            ),
            wishes_changed_at=self.at,
        )

    @property
    def consent(self) -> NewConsent:
        """What they said when they enrolled."""
        given = [
            said("given", self.record_id, purpose=purpose, at=self.at)
            for purpose in (Purpose.TASTES, Purpose.PAST_ORDERS)
        ]
        return consent(given, subject=self.subject_ref)

    @property
    def withdrawal(self) -> NewConsent:
        """The proof that they took it back."""
        taken = [
            said("withdrawn", self.record_id, purpose=purpose, at=self.at)
            for purpose in (Purpose.TASTES, Purpose.PAST_ORDERS)
        ]
        return consent(taken, subject=self.subject_ref)

    @property
    def canaries(self) -> tuple[bytes, ...]:
        """What must never be on a disk in clear: names, wishes, purchases, keys, pseudonym."""
        raw = (self.pseudonym, self.beacon_key, self.day_key)
        words = (
            *(one.sku for one in self.profile.purchases),
            *self.profile.wishes.starred,
            *self.profile.wishes.muted,
            *self.profile.wishes.less,
            self.profile.wishes.name,
        )
        return (*raw, *(one.hex().encode() for one in raw), *(word.encode() for word in words))


def enrol(store: Store, *everybody: Somebody) -> None:
    """Enrol customers, and wait for it."""
    kept = [store.people.enrol(one.holder, one.profile, one.consent, []) for one in everybody]
    for future in kept:
        future.result(30)


@dataclass(frozen=True, slots=True)
class Served:
    """A decision for a customer, a tap on it, and the two events that report them."""

    decision: RecordedDecision
    tap_id: str
    canary: bytes


def serve(store: Store, one: Somebody, *, at: datetime = NOON) -> Served:
    """Record a decision that relied on the customer's consent, and a tap on it."""
    canary = f"shown-{one.name}-{new_id()}".encode()
    decision = RecordedDecision(
        decision_id=new_id(),
        at=at,
        screen_id="kiosk-1",
        surface="kiosk",
        placement_id="strip",
        visit_id=f"visit-{one.name}",
        body=b'{"shown":["%b"]}' % canary,
        candidates=b"parts of " + canary,
        basis=(Basis(one.record_id, Purpose.PAST_ORDERS), Basis(one.record_id, Purpose.TASTES)),
    )
    tap_id = new_id()
    made = TestEvent(decision.decision_id, kind="decision", body=b'{"event":"%b"}' % canary)
    tapped = TestEvent(tap_id, body=b'{"tap":"%b"}' % canary)
    store.record_decision(decision, [made]).result(10)
    tap = engagement(decision_id=decision.decision_id, event_id=tap_id)
    store.add_events([tapped], [tap]).result(10)
    return Served(decision, tap_id, canary)


def bytes_in(folder: Path) -> bytes:
    """Return the bytes of every file below ``folder``."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
