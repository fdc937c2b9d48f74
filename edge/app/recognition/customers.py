"""The customer's own page: the port ``Customers``.

Consent, change, withdrawal and erasure are recorded before they are answered, and hold for the
next decision on this device. None of it needs the network.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Final, Literal, Protocol

from edge.app.recognition import shown
from edge.app.recognition.customer_parts import CustomerParts
from edge.app.recognition.enrolling import check, enrolled
from edge.app.recognition.forgetting import forgotten
from edge.app.recognition.saying import apply_change, give_and_take
from edge.core.errors import EdgeError, RequestContractError
from edge.identity.consent import Notice, Purpose
from edge.identity.day_keys import pseudonym_of
from edge.identity.holders import Holder
from edge.identity.presence import Presented, Refusal
from edge.identity.profile import CustomerId, Profile
from edge.web.my_data_ports import Change, Erased, MyData, NotACustomerError, PhoneVisit
from edge.web.phone_ports import Enrolment
from edge.web.phone_visits import PhoneState

log = logging.getLogger(__name__)

PHONES: Final = "phones"
"""Phones share one pace: which of them is which is not known before they are answered."""
REFUSED_COUNT: Final = "consent_refused"


class Near(Protocol):
    """At which screens a customer's beacon is."""

    def screens_of(self, customer_id: CustomerId) -> tuple[str, ...]:
        """Return the screens whose lease the customer's beacon has."""
        ...


class NowhereNear:
    """There is no radio."""

    def screens_of(self, customer_id: CustomerId) -> tuple[str, ...]:
        """Return no screen."""
        return ()


class CustomerPages:
    """Implements ``edge.web.phone_ports.Customers``. Safe to use from every thread."""

    def __init__(self, parts: CustomerParts) -> None:
        self._parts = parts
        self._enrolling = threading.Lock()
        self.near_by: Near = NowhereNear()

    # ---- coming ------------------------------------------------------------------------

    def open_pairing(self, token: str) -> PhoneVisit | None:
        """Take up a pairing by its token or its code."""
        if not self._parts.pace.may(PHONES):
            return None
        screen_id = self._parts.pairings.take(token)
        return None if screen_id is None else self._parts.phones.begin(None, screen_id)

    def prove(self, code: str, paired: PhoneVisit | None = None) -> PhoneVisit | Refusal:
        """Answer a phone that shows that it holds its key."""
        parts = self._parts
        if not parts.pace.may(PHONES):
            return Refusal.TOO_MANY
        customer_id = parts.proofs.read(code, parts.clock())
        if isinstance(customer_id, Refusal):
            return customer_id
        if parts.known.holder(customer_id) is None:
            return Refusal.UNKNOWN
        # Also where their consent ended, as when the notice changed: what is kept of them stays
        # theirs to see and to erase. A screen needs consent that holds.
        screen_id = parts.phones.end(paired.key) if paired else None
        visit = parts.phones.begin(customer_id, screen_id)
        if screen_id is not None and parts.known.purposes(customer_id):
            parts.recognise.meet(screen_id, customer_id, Presented.PAIRED)
        else:
            self._came(customer_id)
        return visit

    def visit(self, key: str | None) -> PhoneVisit | None:
        """Return the phone's visit, and count its time from now again."""
        state = self._parts.phones.state(key)
        return None if state is None or key is None else self._as_visit(key, state)

    def enrol(self, visit: PhoneVisit, enrolment: Enrolment) -> PhoneVisit:
        """Record the consent, keep the key, and link the phone to its screen."""
        with self._enrolling:  # a yes that is sent twice is one yes
            state = self._state(visit)
            if state.customer_id is None and enrolment.purposes:
                check(enrolment)
                return self._enrol(visit, enrolment)
        if not enrolment.purposes and state.customer_id is None:
            self._parts.store.count_up(REFUSED_COUNT)
            return visit
        self.set_purposes(visit, enrolment.purposes, enrolment.notice)
        return self._again(visit)

    def _enrol(self, visit: PhoneVisit, enrolment: Enrolment) -> PhoneVisit:
        parts = self._parts
        screen_id = self._state(visit).paired_screen
        before = parts.known.customer_with(enrolment.beacon_key, pseudonym_of(enrolment.beacon_key))
        if before is not None:
            # Who sends the key is the customer: a second one of the same key could not be erased.
            parts.phones.become(visit.key, before)
            self.set_purposes(visit, enrolment.purposes, enrolment.notice)
            if screen_id is not None:
                parts.recognise.meet(screen_id, before, Presented.PAIRED)
            return self._again(visit)
        holder = enrolled(parts, enrolment)
        parts.phones.become(visit.key, holder.customer_id)
        if screen_id is not None:
            parts.recognise.meet(screen_id, holder.customer_id, Presented.PAIRED)
        return self._again(visit)

    # ---- seeing ------------------------------------------------------------------------

    def my_data(self, visit: PhoneVisit) -> MyData:
        """Return what is kept."""
        return shown.my_data(self._parts, *self._holder(visit))

    def export(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return everything that is kept about them."""
        return shown.export(self._parts, *self._holder(visit))

    def receipt(self, visit: PhoneVisit) -> Mapping[str, object]:
        """Return the consent receipt."""
        holder, _ = self._holder(visit)
        return self._parts.store.consents.receipt(holder.subject_ref)

    # ---- changing ----------------------------------------------------------------------

    def change(self, visit: PhoneVisit, change: Change) -> None:
        """Apply a change; it holds for the next decision."""
        apply_change(self._parts, self._holder(visit)[0], change)

    def set_purposes(self, visit: PhoneVisit, purposes: frozenset[Purpose], notice: Notice) -> None:
        """Give and withdraw purposes, so that exactly ``purposes`` hold."""
        if not purposes:
            forgotten(self._parts, self._holder(visit)[0], notice, "customer")
            return
        with self._parts.profiles.alone():
            give_and_take(self._parts, self._holder(visit)[0], purposes, notice)

    # ---- being at a screen -------------------------------------------------------------

    def near(self, visit: PhoneVisit) -> tuple[str, ...]:
        """Return the screens whose lease is this customer's beacon."""
        customer_id = self._state(visit).customer_id
        return () if customer_id is None else self.near_by.screens_of(customer_id)

    def tap(self, visit: PhoneVisit, screen_id: str) -> PhoneVisit:
        """Confirm "I am at this screen"."""
        holder, _ = self._holder(visit)
        state = self._state(visit)
        if screen_id != state.paired_screen and screen_id not in self.near(visit):
            msg = f"wanted a screen that this phone is at, got {screen_id[:40]!r}; scan its code"
            raise RequestContractError(msg)
        self._parts.recognise.meet(screen_id, holder.customer_id, Presented.TAP)
        return self._again(visit)

    def disconnect(self, visit: PhoneVisit) -> PhoneVisit:
        """End the presence at the linked screen."""
        customer_id = self._state(visit).customer_id
        if customer_id is not None:
            self._parts.presences.end_of(customer_id)
        return self._again(visit)

    def erase(self, visit: PhoneVisit) -> Erased:
        """Forget everything; returns when keys and records are gone from the disk."""
        holder, _ = self._holder(visit)
        return forgotten(self._parts, holder, None, "customer")

    def forget(self, customer_id: CustomerId, why: Literal["central", "retention"]) -> None:
        """Forget a customer whom central, or the retention, says to forget."""
        holder = self._parts.known.holder(customer_id)
        if holder is not None:
            forgotten(self._parts, holder, None, why)

    def customer_of(self, visit: PhoneVisit) -> CustomerId | None:
        """Return whose phone it is."""
        return self._state(visit).customer_id

    # ---- details -----------------------------------------------------------------------

    def _holder(self, visit: PhoneVisit) -> tuple[Holder, Profile]:
        customer_id = self._state(visit).customer_id
        holder = None if customer_id is None else self._parts.known.holder(customer_id)
        profile = None if holder is None else self._parts.profiles.get(holder.customer_id)
        if holder is None or profile is None:
            msg = "wanted a phone whose customer consented, got one that nothing is kept about"
            raise NotACustomerError(msg)
        return holder, profile

    def _state(self, visit: PhoneVisit) -> PhoneState:
        state = self._parts.phones.state(visit.key)
        if state is None:
            msg = "wanted a phone that opened a pairing in the last minutes; scan the code again"
            raise NotACustomerError(msg)
        return state

    def _again(self, visit: PhoneVisit) -> PhoneVisit:
        state = self._parts.phones.state(visit.key)
        return visit if state is None else self._as_visit(visit.key, state)

    def _as_visit(self, key: str, state: PhoneState) -> PhoneVisit:
        if state.customer_id is None:
            return PhoneVisit(key, state.paired_screen, is_customer=False)
        screen_id = self._parts.presences.screen_of(state.customer_id)
        is_customer = self._parts.known.holder(state.customer_id) is not None
        return PhoneVisit(key, screen_id, is_customer)

    def _came(self, customer_id: CustomerId) -> None:
        try:
            self._parts.profiles.came(customer_id)
        except EdgeError as error:
            log.error("that a customer came could not be noted: %s", error)
