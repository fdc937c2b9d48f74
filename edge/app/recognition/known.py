"""The customers this device can recognise: in memory, from what lies sealed on the disk.

Tokens cannot be looked up on the disk, on purpose: nothing there names anybody. So the day keys
are opened once at the start, and the tables of the tokens in force are kept here.
"""

import hmac
import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from edge.core.clock import Clock
from edge.core.errors import EdgeError, RequestContractError
from edge.identity.consent import (
    ConsentEvent,
    Notice,
    Purpose,
    grants_in_force,
    outdated,
)
from edge.identity.day_keys import day_key, day_of
from edge.identity.holders import Holder, keys_for
from edge.identity.profile import CustomerId
from edge.identity.windows import Windows
from edge.store.store import Store

log = logging.getLogger(__name__)


class Known:
    """The holders of tokens, and what each of them allows. Safe to use from every thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        group: int,
        days_ahead: int,
        notices: tuple[Notice, ...] = (),
    ) -> None:
        """Know nobody yet; ``notices`` are the ones that customers read now."""
        self.windows = Windows()
        self._store = store
        self._clock = clock
        self._group = group
        self._days_ahead = days_ahead
        self._notices = notices
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._holders: dict[CustomerId, Holder] = {}
        self._by_pseudonym: dict[bytes, CustomerId] = {}
        self._leaving: set[bytes] = set()  # pseudonyms of those who are being erased
        self._consents: dict[CustomerId, tuple[ConsentEvent, ...]] = {}
        self._day = -1
        self._is_loaded = False

    def __len__(self) -> int:
        """Return how many customers can be recognised."""
        return len(self._holders)

    def tick(self) -> None:
        """Load what the disk holds at the first call; then keep tables and keys ahead of time.

        To be called every few seconds.
        """
        self.load()
        now = self._clock()
        if day_of(now) != self._day:
            self._day = day_of(now)
            for holder in list(self._holders.values()):
                self._renew(holder, now)
        self.windows.roll(now)

    def load(self) -> None:
        """Load what the disk holds, once; whoever must not miss anybody calls it first."""
        with self._loading:
            if not self._is_loaded:
                self._load(self._clock())

    def put(self, holder: Holder) -> None:
        """Recognise somebody from now on."""
        with self._lock:
            self._keep(holder)

    def renew(self, holder: Holder) -> None:
        """Know what changed of somebody, unless they were forgotten meanwhile."""
        with self._lock:
            if holder.customer_id in self._holders:
                self._keep(holder)

    def remove(self, customer_id: CustomerId) -> None:
        """Recognise the customer no more, from the next sighting on; ``has_left`` ends it."""
        with self._lock:
            gone = self._holders.pop(customer_id, None)
            self._consents.pop(customer_id, None)
            if gone is not None and gone.pseudonym is not None:
                self._by_pseudonym.pop(gone.pseudonym, None)
                self._leaving.add(gone.pseudonym)
            self.windows.remove(customer_id)

    def has_left(self, pseudonym: bytes | None) -> None:
        """Take note that an erasure is over, one way or the other."""
        with self._lock:
            self._leaving.discard(pseudonym or b"")

    def is_leaving(self, pseudonym: bytes) -> bool:
        """Return whether somebody is being erased: they are known no more, and not gone yet."""
        return pseudonym in self._leaving

    def holder(self, customer_id: CustomerId) -> Holder | None:
        """Return the holder, or None when nobody is known by that id."""
        return self._holders.get(customer_id)

    def customer_of(self, pseudonym: bytes) -> CustomerId | None:
        """Return who has the pseudonym of a K2 or K4 code."""
        return self._by_pseudonym.get(pseudonym)

    def customer_with(self, beacon_key: bytes, pseudonym: bytes) -> CustomerId | None:
        """Return whose key it is, if a customer here has it; ``pseudonym`` is the key's.

        Raises:
            RequestContractError: Its pseudonym is another customer's.
        """
        customer_id = self.customer_of(pseudonym)
        holder = None if customer_id is None else self.holder(customer_id)
        if holder is None:
            return None
        today = day_of(self._clock())
        held = holder.day_keys.get(today)
        if held is None or not hmac.compare_digest(held, day_key(beacon_key, self._group, today)):
            msg = "wanted a new key, got one that does not fit what is known by its name; make another"
            raise RequestContractError(msg)
        return customer_id

    def unreported(self) -> list[Holder]:
        """Return the holders whose enrolment central has not been told yet."""
        return [h for h in list(self._holders.values()) if not h.is_reported and h.beacon_key]

    def consents(self, customer_id: CustomerId) -> tuple[ConsentEvent, ...]:
        """Return what the customer said, in the order it was kept."""
        return self._consents.get(customer_id, ())

    def purposes(self, customer_id: CustomerId) -> Mapping[Purpose, str]:
        """Return purpose -> record id, of what the customer allows now.

        What was allowed under a notice that has changed materially since holds no more.
        """
        said, now = self.consents(customer_id), self._clock()
        over = {grant.event_id for notice in self._notices for grant in outdated(said, notice, now)}
        return {
            purpose: grant.record_id
            for purpose, grant in grants_in_force(said, now).items()
            if grant.event_id not in over
        }

    def _keep(self, holder: Holder) -> None:
        # Consents are read under the lock: whoever comes last has read what was said last.
        now = self._clock()
        renewed = self._with_keys(holder, now)
        self._consents[holder.customer_id] = tuple(self._store.consents.events(holder.subject_ref))
        self._holders[holder.customer_id] = renewed
        if holder.pseudonym is not None:
            self._by_pseudonym[holder.pseudonym] = holder.customer_id
        self.windows.put(holder.customer_id, renewed.day_keys, now)

    def _load(self, now: datetime) -> None:
        for holder in self._store.people.holders():
            try:
                self.put(holder)
            except EdgeError as error:
                log.error("a customer cannot be recognised until the next start: %s", error)
        self._day = day_of(now)
        self._is_loaded = True

    def _renew(self, holder: Holder, now: datetime) -> None:
        renewed = self._with_keys(holder, now)
        if renewed.day_keys == holder.day_keys:
            return
        with self._lock:
            # Whoever was forgotten since the walk began must not become known again.
            if holder.customer_id in self._holders:
                self._holders[holder.customer_id] = renewed
                self.windows.put(holder.customer_id, renewed.day_keys, now)

    def _with_keys(self, holder: Holder, now: datetime) -> Holder:
        """Return the holder with the keys from yesterday to as far ahead as is allowed.

        Keys are made here only while the device still has the key they follow from; later they
        come from central.
        """
        today = day_of(now)
        wanted = range(today - 1, today + self._days_ahead + 1)
        return replace(holder, day_keys=keys_for(holder, self._group, wanted))
