"""Who is signed in at this server's pages. In memory: after a restart everybody signs in again."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.central.fleet.web.people import Person
from edge.core.chance import Chance
from edge.core.clock import Clock

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=10)
MOST: Final = 256


@dataclass(slots=True)
class _Session:
    person: Person
    since: datetime
    seen: datetime


class Sessions:
    """Sessions by their id. Safe to use from every thread."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def begin(self, person: Person) -> str:
        """Return the id of a new session."""
        session_id = self._chance(32).hex()
        now = self._clock()
        with self._lock:
            self._open[session_id] = _Session(person, now, now)
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return session_id

    def person(self, session_id: str, *, is_there: bool = True) -> Person | None:
        """Return whose session it is.

        Args:
            session_id: As ``begin`` gave it.
            is_there: A person did something; a page that looks again by itself does not count.
        """
        now = self._clock()
        with self._lock:
            found = self._open.get(session_id)
            if found is None:
                return None
            if now - found.seen > IDLE or now - found.since > LONGEST:
                del self._open[session_id]
                return None
            if is_there:
                found.seen = now
            return found.person

    def end(self, session_id: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(session_id, None)
