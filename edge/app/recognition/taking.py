"""Take what central says of one customer: welcome them, or join it with what is known here.

Taking it twice changes nothing. What the customer said on this device is never undone by an older
word from elsewhere, and a withdrawal wins over everything that did not know of it
(edge/identity/consent_merge.py), and over all that was bought or told without knowing of it
(edge/identity/informed.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from edge.app.recognition.central_parts import CentralParts
from edge.app.recognition.profiles import COMMIT_WAIT_S
from edge.core.errors import TrustError, UnavailableError
from edge.identity.consent import ConsentEvent, Notice, Purpose, purposes_in_force
from edge.identity.consent_merge import merge
from edge.identity.day_keys import day_key, day_of
from edge.identity.holders import CUSTOMER_ID_BYTES, Holder
from edge.identity.informed import Informed, known_together
from edge.identity.profile import CustomerId, Profile, kept_for
from edge.identity.terms import TERMS
from edge.store.consents import NewConsent
from edge.wire.profile_message import ConsentSaid, CustomerSaid
from edge.wire.taste_event import known_withdrawals

NOTICE_ID: Final = "central"
"""Consents from elsewhere were said under a notice that central keeps the proof of."""


@dataclass(frozen=True, slots=True)
class _News:
    """What is new of what was said, and what holds now with it; the rest is not kept."""

    events: tuple[ConsentEvent, ...]
    allowed: frozenset[Purpose]
    told: Informed
    """What they bought and told us, as central knows it."""


class Taking:
    """Takes central's word about customers, one by one."""

    def __init__(self, parts: CentralParts) -> None:
        self._parts = parts

    def take(self, said: CustomerSaid) -> None:
        """Take what is said of one customer.

        Raises:
            TrustError: The day keys are not theirs.
            UnavailableError: They are just being erased, or the disk refused.
        """
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
        news = _News(new, frozenset(allowed), _informed(said.profile, told))
        if customer_id is None:
            self._welcome(said, news, now)
        else:
            with parts.profiles.alone():
                self._update(customer_id, said, news)

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
        profile = kept_for(known_together(Informed(), news.told, day_of(now)), news.allowed)
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
        before = parts.known.consents(customer_id)
        said_now = merge(before, news.events)
        allowed = news.allowed & frozenset(purposes_in_force(said_now, parts.clock()))
        # Of whom central did not hear from here, it learns what is known, as if they enrolled.
        own = parts.profiles.get(customer_id) or Profile()
        events = () if holder.is_reported else parts.tastes.so_far(holder, own)

        def join(own: Profile) -> Profile:
            return kept_for(known_together(_informed(own, before), news.told, today), allowed)

        profile = parts.profiles.take(customer_id, join)
        if news.events and profile is not None:
            consent = self._record(holder, news.events)
            parts.store.people.change_purposes(customer_id, consent, profile, []).result(
                COMMIT_WAIT_S
            )
        parts.store.people.keep_holder(renewed, events).result(COMMIT_WAIT_S)
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


def _informed(profile: Profile, consents: Iterable[ConsentEvent]) -> Informed:
    return Informed(profile, known_withdrawals(consents))
