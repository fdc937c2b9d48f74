"""Tell central what a customer bought and told us here, so that another shop knows it too.

Only what they allow now; and only of customers whom central knows: the enrolment of the others
brings what is known by then.
"""

from collections.abc import Sequence

from edge.app.recognition.known import Known
from edge.identity.holders import Holder
from edge.identity.informed import Informed
from edge.identity.profile import CustomerId, Profile, kept_for
from edge.identity.profile_merge import difference
from edge.wire.cloudevents import Event
from edge.wire.customer_events import CustomerEvents
from edge.wire.taste_event import known_withdrawals


class TasteEvents:
    """Makes the events of this device's customers."""

    def __init__(self, known: Known, events: CustomerEvents) -> None:
        self._known = known
        self._events = events

    def changed(self, customer_id: CustomerId, before: Profile, after: Profile) -> Sequence[Event]:
        """Return the events of what ``after`` says that ``before`` did not."""
        holder = self._known.holder(customer_id)
        if holder is None or not holder.is_reported:
            return ()
        return self._told(holder, difference(before, after))

    def so_far(self, holder: Holder, profile: Profile) -> Sequence[Event]:
        """Return the events of all that is known, for a central that knew nothing of it."""
        return self._told(holder, profile)

    def _told(self, holder: Holder, profile: Profile) -> Sequence[Event]:
        allowed = self._known.purposes(holder.customer_id)
        knows = known_withdrawals(self._known.consents(holder.customer_id))
        told = Informed(kept_for(profile, allowed), knows)
        return self._events.tastes(holder.pseudonym or b"", told)
