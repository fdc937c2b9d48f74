"""Take what central says about customers: day keys, profiles, consents, and whom to forget.

A message is taken whole or not at all, and taking it twice changes nothing. What the customer
said on this device is never undone by an older word from elsewhere, and a withdrawal wins over
everything that did not know of it (edge/identity/consent_merge.py).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson

from edge.app.recognition.customers import CustomerPages
from edge.app.recognition.known import Known
from edge.app.recognition.profiles import COMMIT_WAIT_S, Profiles
from edge.catalog.site import SiteHeader
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import EdgeError, TrustError, UnavailableError
from edge.identity.consent import ConsentEvent, Notice, Purpose, purposes_in_force
from edge.identity.consent_merge import merge
from edge.identity.day_keys import day_key, day_of
from edge.identity.holders import CUSTOMER_ID_BYTES, Holder
from edge.identity.profile import (
    CustomerId,
    Profile,
    Purchase,
    Wishes,
    kept_for,
    merged_purchases,
)
from edge.identity.terms import TERMS
from edge.store.consents import NewConsent
from edge.store.store import Store
from edge.wire.customer_events import CustomerEvents
from edge.wire.profile_message import (
    ERASE_INFO,
    PROFILE_INFO,
    ConsentSaid,
    CustomerSaid,
    WishesSaid,
    parse_erase,
    parse_profile,
)
from edge.wire.signed import Stamp, check_signature

log = logging.getLogger(__name__)

_KINDS: Final = ("profile", "erase")
NOTICE_ID: Final = "central"
"""Consents from elsewhere were said under a notice that central keeps the proof of."""


@dataclass(frozen=True, slots=True)
class CentralParts:
    """What taking central's word works with."""

    store: Store
    header: SiteHeader
    group: int
    known: Known
    profiles: Profiles
    pages: CustomerPages
    events: CustomerEvents
    clock: Clock
    chance: Chance
    central_sign_key: bytes = b""
    """Central's Ed25519 public key; without it nothing is taken from the broker."""


@dataclass(frozen=True, slots=True)
class _News:
    """What is new of what was said, and what holds now with it; the rest is not kept."""

    events: tuple[ConsentEvent, ...]
    allowed: frozenset[Purpose]


class FromCentral:
    """Takes messages from central and reports new customers to it."""

    def __init__(self, parts: CentralParts) -> None:
        self._parts = parts

    def heard_profile(self, payload: bytes) -> None:
        """Take a profile message from the broker, where anybody may have written it.

        Raises:
            WireContractError: It is not one.
            TrustError: Central did not sign it for this device, or it was heard before.
        """
        self._new("profile", payload, PROFILE_INFO, self.profile)

    def heard_erase(self, payload: bytes) -> None:
        """Take an erase message from the broker; raises as ``heard_profile`` does."""
        self._new("erase", payload, ERASE_INFO, self.erase)

    def heard(self) -> Mapping[str, str]:
        """Return kind of message -> the stamp of the newest one that was taken."""
        noted = {name: self._parts.store.keys.noted(f"central/{name}") for name in _KINDS}
        return {name: stamp.decode() for name, stamp in noted.items() if stamp is not None}

    def profile(self, payload: bytes) -> None:
        """Take a profile message from whoever may write into the data folder.

        Raises:
            WireContractError: It is not one.
            TrustError: It was not sealed to this device.
        """
        said = parse_profile(payload, self._parts.store.keys.open_sealed)
        self._parts.known.load()
        for customer in said.customers:
            try:
                self._take(customer)
            except (EdgeError, TimeoutError) as error:
                # The others of the message are not to wait for one that cannot be kept.
                log.error("a customer from central was not taken: %s", error)

    def erase(self, payload: bytes) -> None:
        """Take an erase message; raises as ``profile`` does."""
        said = parse_erase(payload, self._parts.store.keys.open_sealed)
        self._parts.known.load()  # whoever is not known yet would be missed for good
        for pseudonym in said.pseudonyms:
            customer_id = self._parts.known.customer_of(bytes.fromhex(pseudonym))
            if customer_id is None:
                # Their profile may still be on its way: it must find that they were erased.
                self._parts.store.mark_erased(bytes.fromhex(pseudonym)).result(COMMIT_WAIT_S)
                continue
            try:
                self._parts.pages.forget(customer_id, "central")
            except EdgeError as error:
                # The others are not to wait for it; central misses the event of this one.
                log.error("a customer whom central erased is not erased yet: %s", error)

    def report(self) -> None:
        """Tell central of customers who enrolled here and whom it does not know of yet."""
        parts = self._parts
        if not parts.events.can_enrol:
            return
        for unreported in parts.known.unreported():
            with parts.profiles.alone():
                holder = parts.known.holder(unreported.customer_id)
                if holder is None or holder.is_reported:
                    continue
                event = parts.events.enrolment(self._enrolment(holder))
                reported = replace(holder, is_reported=True)
                parts.store.people.keep_holder(reported, [event]).result(COMMIT_WAIT_S)
                parts.known.renew(reported)

    def _new(self, name: str, payload: bytes, info: bytes, take: Callable[[bytes], None]) -> None:
        keys = self._parts.store.keys
        stamp = check_signature(
            payload,
            central_key=self._parts.central_sign_key,
            info=info,
            device_key=keys.exchange_key,
        )
        fact = f"central/{name}"
        last = keys.noted(fact)
        if last is not None and stamp <= Stamp.from_text(last.decode()):
            msg = f"{name}: wanted a newer message than the last one, got an older one or a repeat"
            raise TrustError(msg)
        take(payload)
        keys.note(fact, stamp.to_text().encode())

    def _enrolment(self, holder: Holder) -> bytes:
        consents = self._parts.known.consents(holder.customer_id)
        return orjson.dumps(
            {
                "beacon_key": (holder.beacon_key or b"").hex(),
                "group": self._parts.group,
                "pseudonym": (holder.pseudonym or b"").hex(),
                "language": holder.language,
                "since_at": holder.since_at,
                "device_key": self._parts.store.keys.exchange_key.hex(),
                "consents": [
                    {
                        "event_id": event.event_id,
                        "record_id": event.record_id,
                        "purpose": event.purpose.value,
                        "state": event.state,
                        "at": event.at,
                        "knows": sorted(event.knows),
                    }
                    for event in consents
                ],
            }
        )

    def _take(self, said: CustomerSaid) -> None:
        parts = self._parts
        now = parts.clock()
        pseudonym = bytes.fromhex(said.pseudonym)
        customer_id = parts.known.customer_of(pseudonym)
        if customer_id is None and parts.known.is_leaving(pseudonym):
            msg = "wanted a customer who is not just being erased, got one; send it again"
            raise UnavailableError(msg)
        before = () if customer_id is None else parts.known.consents(customer_id)
        told = tuple(_event(one, said.language) for one in said.consents)
        erasure = parts.store.erasure_of(pseudonym) if customer_id is None else None
        if erasure is not None:
            # Whoever was erased here comes back only by a consent that knew of it.
            told = parts.store.forgotten.still_said(erasure, told)
        allowed = purposes_in_force(merge(before, told), now)
        if not allowed:
            if customer_id is not None:
                parts.pages.forget(customer_id, "central")
            return
        known_ids = {event.event_id for event in before}
        new = tuple(event for event in told if event.event_id not in known_ids)
        if customer_id is None:
            self._welcome(said, _News(new, frozenset(allowed)), now)
        else:
            with parts.profiles.alone():
                self._update(customer_id, said, _News(new, frozenset(allowed)))

    def _welcome(self, said: CustomerSaid, news: _News, now: datetime) -> None:
        parts = self._parts
        holder = Holder(
            customer_id=CustomerId(parts.chance(CUSTOMER_ID_BYTES)),
            subject_ref=parts.chance(16).hex(),
            pseudonym=bytes.fromhex(said.pseudonym),
            beacon_key=None,
            day_keys=said.keys_by_day(),
            is_reported=True,
            since_at=said.since_at or now,
            language=said.language,
        )
        profile = kept_for(_profile(Profile(), said, day_of(now)), news.allowed)
        consent = self._record(holder, news.events)
        parts.store.people.enrol(holder, profile, consent, []).result(COMMIT_WAIT_S)
        parts.known.put(holder)
        parts.store.clear_erasure(bytes.fromhex(said.pseudonym)).result(COMMIT_WAIT_S)

    def _update(self, customer_id: CustomerId, said: CustomerSaid, news: _News) -> None:
        parts = self._parts
        holder = parts.known.holder(customer_id)
        if holder is None:
            return
        today = day_of(parts.clock())
        keys = said.keys_by_day()
        _refuse_other_keys(holder, keys, parts.group, today)
        renewed = replace(
            holder,
            day_keys=keys or holder.day_keys,
            # Central's keys take over from the phone's own, which is then no longer needed here.
            beacon_key=None if today + 1 in keys else holder.beacon_key,
            is_reported=True,
        )
        # Asked again, alone: they may have withdrawn since the message was looked at.
        said_now = merge(parts.known.consents(customer_id), news.events)
        allowed = news.allowed & frozenset(purposes_in_force(said_now, parts.clock()))
        profile = parts.profiles.change(
            customer_id, lambda own: kept_for(_profile(own, said, today), allowed)
        )
        if news.events and profile is not None:
            consent = self._record(holder, news.events)
            parts.store.people.change_purposes(customer_id, consent, profile, []).result(
                COMMIT_WAIT_S
            )
        parts.store.people.keep_holder(renewed, []).result(COMMIT_WAIT_S)
        parts.known.renew(renewed)

    def _record(self, holder: Holder, events: tuple[ConsentEvent, ...]) -> NewConsent:
        header = self._parts.header
        controller = header.controller
        return NewConsent(
            subject_ref=holder.subject_ref,
            controller=controller.model_dump(mode="json") if controller else {},
            jurisdiction=header.region.upper(),
            language=holder.language,
            purposes=tuple(TERMS[p] for p in sorted({e.purpose for e in events})),
            events=events,
            actor="subject",
            age_assertion="over_threshold",
            at_source="signed",
        )


def _refuse_other_keys(holder: Holder, said: Mapping[int, bytes], group: int, today: int) -> None:
    """Return if the day keys are those of this customer's phone, as far as it can be told.

    A pseudonym follows from the phone's key, as day keys do: others under the same pseudonym are
    somebody else's, who would be taken for this customer.

    Raises:
        TrustError: They are others.
    """
    own = holder.beacon_key
    held = holder.day_keys if own is None else {day: day_key(own, group, day) for day in said}
    is_followed = not said or today not in held or today in said
    if not is_followed or any(held.get(day, key) != key for day, key in said.items()):
        msg = (
            "wanted the day keys that follow from a customer's own key, today's among them, got "
            "others under their pseudonym; find out who may publish to this device"
        )
        raise TrustError(msg)


def _event(said: ConsentSaid, language: str) -> ConsentEvent:
    return ConsentEvent(
        event_id=said.event_id,
        record_id=said.record_id,
        purpose=said.purpose,
        state=said.state,
        at=said.at,
        method="app_toggle",
        notice=Notice(NOTICE_ID, said.notice_version, bytes(32), bytes(32), language),
        valid_until=said.valid_until,
        knows=frozenset(said.knows),
    )


def _profile(own: Profile, said: CustomerSaid, today: int) -> Profile:
    bought = [
        Purchase(line.sku, line.day, line.count)
        for line in said.purchases
        if line.day <= today + 1  # what lies ahead would never be old enough to go
    ]
    joined = merged_purchases(own, bought, today)
    wishes = said.wishes
    if wishes is None or not _is_newer(wishes, own):
        return joined
    return replace(joined, wishes=_wishes(wishes), wishes_changed_at=wishes.changed_at)


def _is_newer(said: WishesSaid, own: Profile) -> bool:
    if own.wishes_changed_at is None:
        return True
    return said.changed_at is not None and said.changed_at > own.wishes_changed_at


def _wishes(said: WishesSaid) -> Wishes:
    name = " ".join("".join(c for c in said.name if c.isprintable()).split())
    return Wishes(
        starred=frozenset(said.starred),
        muted=frozenset(said.muted),
        less=frozenset(said.less),
        surprise=said.surprise,
        help_level=said.help_level,
        name=name,
        shows_name=said.shows_name and bool(name),
    )
