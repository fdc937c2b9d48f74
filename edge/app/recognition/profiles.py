"""Change a customer's profile on this device, one change after the other.

A change reads, changes and writes under one lock: two at once (an order at the kiosk and a star
on the phone) must not undo each other. It returns after its commit, so the next decision has it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.identity.day_keys import day_of
from edge.identity.profile import CustomerId, Profile
from edge.store.store import Store
from edge.wire.cloudevents import Event

COMMIT_WAIT_S: Final = 5.0

Tell = Callable[[CustomerId, Profile, Profile], Sequence[Event]]
"""Returns the events by which central learns what changed: (whose, before, after)."""


def tell_nobody(_whose: CustomerId, _before: Profile, _after: Profile) -> Sequence[Event]:
    """Return no event."""
    return ()


class Profiles:
    """The profiles of this device's customers. Safe to use from every thread."""

    def __init__(self, store: Store, clock: Clock, tell: Tell = tell_nobody) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._lock = threading.RLock()
        self._came: dict[CustomerId, int] = {}

    def get(self, customer_id: CustomerId) -> Profile | None:
        """Return the profile, or None when there is none (any more)."""
        return self._store.people.profile(customer_id)

    def alone(self) -> AbstractContextManager[object]:
        """Return a context in which nobody else changes a profile, or what may be kept in it.

        Whatever takes consent back does it in here, so that no change under way, which still saw
        the consent, brings back what the withdrawal deletes.
        """
        return self._lock

    def change(
        self, customer_id: CustomerId, change: Callable[[Profile], Profile]
    ) -> Profile | None:
        """Replace the profile by ``change`` of it and return it; None when there is none.

        What is new in it and the event that tells central are kept in one transaction.

        Raises:
            StorageUnavailableError: It could not be kept; the old one holds.
        """
        return self._replace(customer_id, change, self._tell)

    def take(self, customer_id: CustomerId, change: Callable[[Profile], Profile]) -> Profile | None:
        """Do the same with what came from central, and say nothing of it back to central."""
        return self._replace(customer_id, change, tell_nobody)

    def came(self, customer_id: CustomerId) -> None:
        """Note that the customer came today: their token is kept for another while.

        Once a day at most, and nobody waits for it.
        """
        now = self._clock()
        with self._lock:
            if self._came.get(customer_id) == day_of(now):
                return
            profile = self._store.people.profile(customer_id)
            if profile is not None:
                self._store.people.keep_profile(customer_id, profile, seen_at=now)
                self._came[customer_id] = day_of(now)

    def forget(self, customer_id: CustomerId) -> None:
        """Forget when the customer came."""
        with self._lock:
            self._came.pop(customer_id, None)

    def _replace(
        self, customer_id: CustomerId, change: Callable[[Profile], Profile], tell: Tell
    ) -> Profile | None:
        with self._lock:
            before = self._store.people.profile(customer_id)
            if before is None:
                return None
            after = change(before)
            events = tell(customer_id, before, after)
            kept = self._store.people.keep_profile(customer_id, after, events)
            try:
                kept.result(COMMIT_WAIT_S)
            except TimeoutError as error:
                msg = f"wanted the change on disk within {COMMIT_WAIT_S:.0f} s; try again"
                raise StorageUnavailableError(msg) from error
            return after
