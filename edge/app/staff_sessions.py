"""Who is signed in on which tablet: in memory, for as long as they use it.

The cookie holds 256 random bits; only their hash is kept here, so a dump of this table opens
nothing. A session ends after two minutes untouched, ten hours after signing in, when somebody
signs in on its tablet, and with the service.

Source: security.md, "Roles for tablets and operators"; decided.md 38.
"""

import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.store.staff import Member, StaffRole
from edge.web.staff_ports import StaffSession

IDLE: Final = timedelta(minutes=2)
LONGEST: Final = timedelta(hours=10)
KEY_BYTES: Final = 32
_SLEW: Final = timedelta(seconds=5)
"""A clock may be set back by this much; by more, it cannot tell how long nobody touched."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in."""

    user_id: str
    name: str
    role: StaffRole
    tablet: bytes  # hash of its key
    since_at: datetime
    touched_at: datetime


class StaffSessions:
    """The sessions of a device. Safe to use from every thread."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._by_hash: dict[bytes, SignedIn] = {}

    def begin(self, member: Member, tablet: bytes) -> StaffSession:
        """Sign a member in on a tablet, under a new key; whoever was signed in there is out."""
        key = self._chance(KEY_BYTES).hex()
        now = self._clock()
        found = SignedIn(member.user_id, member.name, member.role, tablet, now, now)
        with self._lock:
            others = self._by_hash.items()
            self._by_hash = {h: s for h, s in others if s.tablet != tablet and _lives(s, now)}
            self._by_hash[hash_of(key)] = found
        return _shown(key, found)

    def find(self, key: str | None, *, touched: bool) -> tuple[StaffSession, bytes] | None:
        """Return the living session of ``key`` and its tablet; ``touched`` counts anew."""
        if not key:
            return None
        now = self._clock()
        with self._lock:
            found = self._by_hash.get(hash_of(key))
            if found is None:
                return None
            if not _lives(found, now):
                del self._by_hash[hash_of(key)]
                return None
            if touched:
                found = self._by_hash[hash_of(key)] = replace(found, touched_at=now)
        return _shown(key, found), found.tablet

    def end(self, key: str | None) -> StaffSession | None:
        """End a session and return what it was."""
        with self._lock:
            found = self._by_hash.pop(hash_of(key or ""), None)
        return None if found is None else _shown(key or "", found)


def hash_of(key: str) -> bytes:
    """Return what is kept of a random key."""
    return hashlib.sha256(key.encode()).digest()


def _lives(found: SignedIn, now: datetime) -> bool:
    return -_SLEW <= now - found.touched_at < IDLE and now - found.since_at < LONGEST


def _shown(key: str, found: SignedIn) -> StaffSession:
    return StaffSession(
        key=key,
        user_id=found.user_id,
        name=found.name,
        role=found.role,
        ends_at=found.since_at + LONGEST,
    )
