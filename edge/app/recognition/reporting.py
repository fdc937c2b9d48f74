"""Report customers who enrolled here to central: their key, their consents, what is known by then.

One transaction with the note that it is done; from then on each change is told by itself.
"""

from dataclasses import replace

import orjson

from edge.app.recognition.central_parts import CentralParts
from edge.app.recognition.profiles import COMMIT_WAIT_S
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId, Profile


class Reporting:
    """Reports new customers."""

    def __init__(self, parts: CentralParts) -> None:
        self._parts = parts

    def report(self) -> None:
        """Tell central of customers who enrolled here and whom it does not know of yet."""
        if not self._parts.events.can_enrol:
            return
        for unreported in self._parts.known.unreported():
            with self._parts.profiles.alone():
                self._report(unreported.customer_id)

    def _report(self, customer_id: CustomerId) -> None:
        parts = self._parts
        holder = parts.known.holder(customer_id)
        if holder is None or holder.is_reported:
            return
        events = [
            parts.events.enrolment(self._enrolment(holder)),
            *parts.tastes.so_far(holder, parts.profiles.get(customer_id) or Profile()),
        ]
        reported = replace(holder, is_reported=True)
        parts.store.people.keep_holder(reported, events).result(COMMIT_WAIT_S)
        parts.known.renew(reported)

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
