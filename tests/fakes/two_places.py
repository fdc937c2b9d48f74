"""One customer, this device, another shop and central: what each was told, and by which message.

The device is real. Central and the other shop keep a set of events as ``consent_merge`` joins
them; messages are sealed as real ones are, and come when, and as often as, a test says.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.ids import uuid7
from edge.identity.consent import ConsentEvent, Notice, Purpose, purposes_in_force
from edge.identity.consent_merge import knowing, merge
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.identity.profile import CustomerId
from edge.identity.sealing import seal, unseal
from edge.web.my_data_ports import PhoneVisit
from edge.wire.customer_events import ENROLMENT_INFO, SUBJECT_INFO
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO
from tests.fakes.customer import NOTICE, Bare, Customer

CENTRAL: Final = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
CENTRALS_KEY: Final = CENTRAL.public_key().public_bytes_raw().hex()
GROUP: Final = 1
SKU: Final = "latte"

Said = tuple[ConsentEvent, ...]


@dataclass
class TwoPlaces:
    """A customer who enrolled at this device, and says yes and no at two places."""

    built: Bare
    clock: SettableClock
    customer: Customer
    there: Said = ()
    """What the other shop knows."""
    central: Said = ()
    posted: list[tuple[bytes, Said]] = field(default_factory=list)
    """Profile messages central ever sent, each with what it says."""
    heard: set[tuple[Purpose, str]] = field(default_factory=set)
    """Withdrawals this device knows of: said here, or told by a message that arrived."""

    @property
    def pseudonym(self) -> str:
        """What central calls them."""
        return pseudonym_of(self.customer.phone.beacon_key).hex()

    def customer_id(self) -> CustomerId | None:
        """Return who they are here, if they are known."""
        return self.customer.parts.known.customer_of(bytes.fromhex(self.pseudonym))

    def allowed_here(self) -> dict[Purpose, str]:
        """Return purpose -> record, of what this device lets be done."""
        customer_id = self.customer_id()
        return {} if customer_id is None else dict(self.customer.parts.known.purposes(customer_id))

    def said_here(self) -> Said:
        """Return what this device reported, in its order."""
        return tuple(e for row in self.reports() for e in self._changes(row))

    def reports(self) -> list[dict[str, Any]]:
        """Return the events that wait for central."""
        return [orjson.loads(row.body) for row in self.built.store.reads.waiting("c", 10_000)]

    # ---- somebody says something ---------------------------------------------------------

    def say_here(self, purposes: frozenset[Purpose]) -> None:
        """Let exactly ``purposes`` hold, on the phone; none erases."""
        visit = self._phone()
        if visit is not None:
            self.customer.pages.set_purposes(visit, purposes, NOTICE)
            self._hear_here()

    def say_there(self, purpose: Purpose, *, is_on: bool) -> None:
        """Switch a purpose in the other shop."""
        held = purposes_in_force(self.there, self.clock())
        if (purpose in held) == is_on:
            return
        now = self.clock()
        event = ConsentEvent(
            event_id=uuid7(now, system_chance),
            record_id=uuid7(now, system_chance) if is_on else held[purpose],
            purpose=purpose,
            state="given" if is_on else "withdrawn",
            at=now,
            method="app_toggle",
            notice=Notice("central", "", bytes(32), bytes(32), ""),
        )
        self.there = merge(self.there, knowing((event,), self.there))
        self._pass_time()

    # ---- messages ------------------------------------------------------------------------

    def report_here(self, number: int) -> None:
        """Let one of this device's reports arrive at central: any, and as often as one likes."""
        reports = self.reports()
        if reports:
            self.central = merge(self.central, self._changes(reports[number % len(reports)]))

    def report_there(self) -> None:
        """Let what the other shop knows arrive at central."""
        self.central = merge(self.central, self.there)

    def tell_there(self) -> None:
        """Let what central knows arrive at the other shop."""
        self.there = merge(self.there, self.central)

    def post(self) -> None:
        """Let central write to this device; the message may take its time."""
        if not self.central:
            return
        today, key = day_of(self.clock()), self.customer.phone.beacon_key
        days = range(today - 1, today + 8)
        said = {
            "pseudonym": self.pseudonym,
            "day_keys": {str(day): day_key(key, GROUP, day).hex() for day in days},
            "purchases": [{"sku": SKU, "day": today - 1, "count": 1}],
            "wishes": {"starred": [SKU], "changed_at": self.clock()},
            "consents": [_as_said(event) for event in self.central],
        }
        self.posted.append((self._sealed({"customers": [said]}, PROFILE_INFO), self.central))

    def deliver(self, number: int) -> None:
        """Let a message of central arrive here: any, and as often as one likes."""
        if self.posted:
            payload, said = self.posted[number % len(self.posted)]
            self.heard |= _withdrawals(said)
            self.customer.parts.from_central.profile(payload)
            self._hear_here()

    def erase_from_central(self) -> None:
        """Let central say that they are to be forgotten."""
        payload = self._sealed({"pseudonyms": [self.pseudonym]}, ERASE_INFO)
        self.customer.parts.from_central.erase(payload)
        self._hear_here()

    # ---- details -------------------------------------------------------------------------

    def _hear_here(self) -> None:
        self.heard |= _withdrawals(self.said_here())
        self._pass_time()

    def _pass_time(self) -> None:
        # Ids are random; that no two things are said at once keeps their order the same.
        self.clock.advance(timedelta(seconds=7))

    def _phone(self) -> PhoneVisit | None:
        customer_id = self.customer_id()
        return (
            None
            if customer_id is None
            else self.customer.pages._parts.phones.begin(customer_id, None)
        )

    def _sealed(self, inner: dict[str, Any], info: bytes) -> bytes:
        sealed = seal(orjson.dumps(inner), self.built.store.keys.exchange_key, info)
        return orjson.dumps(
            {
                "version": 1,
                "message_id": uuid7(self.clock(), system_chance),
                "sent_at": self.clock(),
                "sealed": b64encode(sealed).decode(),
            }
        )

    def _changes(self, report: dict[str, Any]) -> Said:
        """Return what a report tells central, which alone can open whom it is about."""
        facts = report["data"]["properties"]
        secret = CENTRAL.private_bytes_raw()
        sealed = b64decode(facts["subject_sealed"])
        if report["data"]["event"] == "Customer Enrolled":
            opened = orjson.loads(unseal(sealed, secret, ENROLMENT_INFO))
            return tuple(_as_event(one, one["record_id"]) for one in opened["consents"])
        assert orjson.loads(unseal(sealed, secret, SUBJECT_INFO)) == {"pseudonym": self.pseudonym}
        return tuple(_as_event(one, facts["record_id"]) for one in facts.get("changes", []))


def _withdrawals(said: Said) -> set[tuple[Purpose, str]]:
    return {(event.purpose, event.event_id) for event in said if event.state == "withdrawn"}


def _as_said(event: ConsentEvent) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "record_id": event.record_id,
        "purpose": event.purpose.value,
        "state": event.state,
        "at": event.at,
        "knows": sorted(event.knows),
    }


def _as_event(said: dict[str, Any], record_id: str) -> ConsentEvent:
    return ConsentEvent(
        event_id=said["event_id"],
        record_id=record_id,
        purpose=Purpose(said["purpose"]),
        state=said["state"],
        at=datetime.fromisoformat(said["at"]),
        method="app_toggle",
        notice=Notice("central", "", bytes(32), bytes(32), ""),
        knows=frozenset(said["knows"]),
    )
