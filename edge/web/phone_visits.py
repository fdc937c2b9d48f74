"""Phones that are answered: after opening a pairing, or after proving that they hold a key.

In memory only, ten minutes from the last request. The phone's cookie holds the key; only its
hash is kept here, so a dump of this table opens nothing.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.profile import CustomerId
from edge.web.my_data_ports import PhoneVisit

LASTS: Final = timedelta(minutes=10)
MAX_VISITS: Final = 256


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What is known of a phone that is answered."""

    customer_id: CustomerId | None = field(repr=False)
    paired_screen: str | None
    """The screen whose pairing it opened; it may confirm that it is there, until ``unpair``."""
    touched_at: datetime


class PhoneVisits:
    """The phones of a device that are answered. Safe to use from every thread."""

    def __init__(self, clock: Clock, chance: Chance, *, most: int = MAX_VISITS) -> None:
        """Answer ``most`` at once; one more, and whoever did nothing for longest is not."""
        self._clock = clock
        self._chance = chance
        self._most = most
        self._lock = threading.Lock()
        # The one that was touched last stands last.
        self._by_hash: OrderedDict[bytes, PhoneState] = OrderedDict()

    def begin(self, customer_id: CustomerId | None, screen_id: str | None) -> PhoneVisit:
        """Answer a phone from now on."""
        key = self._chance(32).hex()
        now = self._clock()
        with self._lock:
            self._expire(now)
            while len(self._by_hash) >= self._most:
                self._by_hash.popitem(last=False)
            self._by_hash[_hash(key)] = PhoneState(customer_id, screen_id, now)
        return PhoneVisit(key=key, screen_id=screen_id, is_customer=customer_id is not None)

    def state(self, key: str | None) -> PhoneState | None:
        """Return what is known of the phone with that key, and count its time again."""
        now = self._clock()
        with self._lock:
            self._expire(now)
            found = self._by_hash.get(_hash(key or ""))
            if found is None or now - found.touched_at >= LASTS:
                return None
            self._by_hash[_hash(key or "")] = found = replace(found, touched_at=now)
            self._by_hash.move_to_end(_hash(key or ""))
            return found

    def become(self, key: str, customer_id: CustomerId | None) -> None:
        """Say whose phone it is from now on; None: nobody's any more."""
        with self._lock:
            found = self._by_hash.get(_hash(key))
            if found is not None:
                self._by_hash[_hash(key)] = replace(found, customer_id=customer_id)

    def end(self, key: str) -> str | None:
        """Stop answering a phone, and return the screen it may still say that it is at."""
        with self._lock:
            found = self._by_hash.pop(_hash(key), None)
        return found.paired_screen if found is not None else None

    def unpair(self, screen_id: str) -> None:
        """Let no phone say any more that it is at the screen: the next person may stand there."""
        with self._lock:
            for each, state in self._by_hash.items():
                if state.paired_screen == screen_id:
                    self._by_hash[each] = replace(state, paired_screen=None)

    def forget(self, customer_id: CustomerId) -> None:
        """Stop answering every phone of the customer."""
        with self._lock:
            gone = [h for h, s in self._by_hash.items() if s.customer_id == customer_id]
            for each in gone:
                del self._by_hash[each]

    def _expire(self, now: datetime) -> None:
        # Those of a clock that was set back since may stay behind them for a while, unanswered.
        while self._by_hash:
            oldest = next(iter(self._by_hash))
            if now - self._by_hash[oldest].touched_at < LASTS:
                break
            del self._by_hash[oldest]


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
