"""Recognise whoever presents a token at a screen: the port ``Recognition``.

A code opens a presence; a beacon only invites. What a decision may use is read anew for each
decision, so a change, a withdrawal or an erasure holds for the next one.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from edge.app.recognition.known import Known
from edge.app.recognition.pace import Pace
from edge.app.recognition.pairings import Pairings
from edge.app.recognition.presences import Presences
from edge.app.recognition.profiles import Profiles
from edge.catalog.gtin import gtin_in
from edge.catalog.order import Order
from edge.catalog.site import Site
from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.decide.values import Basis, Bought, Recognised
from edge.identity.code_reader import CodeReader
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of
from edge.identity.presence import Presence, Presented, Refusal
from edge.identity.profile import CustomerId, Profile, Purchase, Wishes, with_purchases
from edge.web.phone_visits import PhoneVisits
from edge.web.recognition_ports import (
    CustomerScanned,
    Greeting,
    NothingScanned,
    Pairing,
    ProductScanned,
    Scan,
    ScanRefused,
)

log = logging.getLogger(__name__)

MAX_TEXT_BYTES: Final = 512
RENEWED_BEFORE: Final = timedelta(minutes=2)
"""A fresh code renews a presence that ends within this."""
_DAY_S: Final = 86_400
FOR_SUGGESTIONS: Final = frozenset({Purpose.TASTES, Purpose.PAST_ORDERS})


class Invitations(Protocol):
    """Which screens have a known beacon near them."""

    def is_invited(self, screen_id: str) -> bool:
        """Return whether a known beacon has the lease of the screen."""
        ...


class NoBeacons:
    """There is no radio."""

    def is_invited(self, screen_id: str) -> bool:
        """Return False: nobody can be heard."""
        return False


@dataclass(frozen=True, slots=True)
class RecognitionParts:
    """What recognising works with."""

    known: Known
    profiles: Profiles
    presences: Presences
    pairings: Pairings
    phones: PhoneVisits
    reader: CodeReader
    pace: Pace
    clock: Clock


class Recognise:
    """Implements ``edge.web.recognition_ports.Recognition``. Safe to use from every thread."""

    def __init__(self, parts: RecognitionParts, site: Site) -> None:
        self._parts = parts
        self._site = site
        self._held: dict[str, bytes] = {}  # screen -> digest of the code that opened it
        self.invitations: Invitations = NoBeacons()

    def scanned(self, screen_id: str, text: str) -> Scan:
        """Take a scanned text: a customer's code, a product's, or nothing."""
        parts = self._parts
        if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            return NothingScanned()
        if not parts.pace.may(screen_id):
            return ScanRefused(Refusal.TOO_MANY)
        read = parts.reader.read(text, parts.clock())
        if read is None:
            return self._product(text)
        if isinstance(read, Refusal):
            return self._refused(screen_id, text, read)
        customer_id = read.customer_id
        if customer_id is None or not parts.known.purposes(customer_id):
            return ScanRefused(Refusal.UNKNOWN)
        self._held[screen_id] = _digest(text)
        return CustomerScanned(self.meet(screen_id, customer_id, Presented.CODE))

    def meet(self, screen_id: str, customer_id: CustomerId, presented: Presented) -> Presence:
        """Begin a presence, and note that the customer came: it keeps their token alive.

        Whoever is there already and shows their next code stays as they are.
        """
        parts = self._parts
        before = parts.presences.at(screen_id)
        if before is not None and before.customer_id == customer_id and self._goes_on(before):
            return before
        presence = parts.presences.begin(screen_id, customer_id, presented)
        try:
            parts.profiles.came(customer_id)
        except EdgeError as error:
            log.error("that a customer came could not be noted: %s", error)
        return presence

    def presence(self, screen_id: str) -> Presence | None:
        """Return who is at the screen now."""
        return self._parts.presences.at(screen_id)

    def is_invited(self, screen_id: str) -> bool:
        """Return whether a known beacon is near and nobody is recognised there yet."""
        return self.presence(screen_id) is None and self.invitations.is_invited(screen_id)

    def recognised(self, presence: Presence) -> Recognised | None:
        """Return what a decision may use now."""
        customer_id = self._living(presence)
        if customer_id is None:
            return None
        allowed = self._parts.known.purposes(customer_id)
        basis = tuple(
            Basis(record_id, purpose)
            for purpose, record_id in allowed.items()
            if purpose in FOR_SUGGESTIONS
        )
        profile = self._profile(customer_id) if basis else None
        if profile is None:
            return None
        wishes = profile.wishes if Purpose.TASTES in allowed else Wishes()
        bought = self._bought(profile) if Purpose.PAST_ORDERS in allowed else ()
        return Recognised(
            basis=basis,
            bought=bought,
            starred=wishes.starred,
            muted=wishes.muted,
            less=wishes.less,
            surprise=wishes.surprise,
        )

    def greeting(self, presence: Presence) -> Greeting | None:
        """Return how to meet the customer."""
        customer_id = self._living(presence)
        if customer_id is None:
            return None
        allowed = frozenset(self._parts.known.purposes(customer_id))
        profile = (self._profile(customer_id) if allowed & FOR_SUGGESTIONS else None) or Profile()
        wishes = profile.wishes if Purpose.TASTES in allowed else Wishes()
        bought = profile.purchases if Purpose.PAST_ORDERS in allowed else ()
        return Greeting(
            name=wishes.name if wishes.shows_name else "",
            help_level=wishes.help_level,
            surprise=wishes.surprise,
            purposes=allowed,
            until_at=presence.until_at,
            is_new=not (bought or wishes.starred or wishes.muted or wishes.less),
        )

    def bought(self, presence: Presence, order: Order) -> None:
        """Add an order to the customer's past orders, when they allow that."""
        customer_id = self._living(presence)
        if customer_id is None:
            return
        if Purpose.PAST_ORDERS not in self._parts.known.purposes(customer_id):
            return
        day = day_of(order.taken_at)
        new = [Purchase(priced.line.sku, day, priced.line.quantity) for priced in order.lines]

        def add(profile: Profile) -> Profile:
            # Asked again where no withdrawal can be under way any more.
            is_allowed = Purpose.PAST_ORDERS in self._parts.known.purposes(customer_id)
            return with_purchases(profile, new, day) if is_allowed else profile

        try:
            self._parts.profiles.change(customer_id, add)
        except EdgeError as error:
            # The order stands; what it could have taught is worth less than it.
            log.error("an order was not added to its customer's past orders: %s", error)

    def leave(self, screen_id: str) -> None:
        """End the presence at the screen, and every way of a phone to begin another there."""
        self._parts.pairings.close(screen_id)
        self._parts.phones.unpair(screen_id)
        self._parts.presences.end(screen_id)

    def pair(self, screen_id: str) -> Pairing:
        """Begin a pairing at the screen."""
        return self._parts.pairings.begin(screen_id)

    def _refused(self, screen_id: str, text: str, refusal: Refusal) -> Scan:
        """Return the refusal; a phone that is still held before the camera is no second try."""
        is_held = self._held.get(screen_id) == _digest(text)
        if refusal is Refusal.USED and is_held and self.presence(screen_id) is not None:
            return NothingScanned()
        return ScanRefused(refusal)

    def _goes_on(self, presence: Presence) -> bool:
        return presence.until_at - self._parts.clock() > RENEWED_BEFORE

    def _product(self, text: str) -> Scan:
        gtin = gtin_in(text)
        product = None if gtin is None else self._site.product_by_gtin(gtin)
        return NothingScanned() if product is None else ProductScanned(product.sku)

    def _living(self, presence: Presence) -> CustomerId | None:
        living = self._parts.presences.living(presence.presence_id)
        return None if living is None else living.customer_id

    def _profile(self, customer_id: CustomerId) -> Profile | None:
        try:
            return self._parts.profiles.get(customer_id)
        except EdgeError as error:
            log.error("a profile cannot be read, so its customer is met as a guest: %s", error)
            return None

    def _bought(self, profile: Profile) -> tuple[Bought, ...]:
        now = self._parts.clock().timestamp()
        return tuple(
            Bought(p.sku, max(0.0, now / _DAY_S - p.day - 0.5), p.count)
            for p in profile.purchases
            if not p.is_gift
        )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
