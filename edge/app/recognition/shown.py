"""What a customer's page shows and gives them to take along."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from edge.app.recognition.customer_parts import CustomerParts
from edge.app.recognition.export import as_export
from edge.identity.consent import ends_at, grants_in_force
from edge.identity.holders import Holder
from edge.identity.profile import UNVISITED_DAYS, Profile
from edge.web.my_data_ports import MyData

UNVISITED: Final = timedelta(days=UNVISITED_DAYS)
USES_OF: Final = timedelta(days=30)


def my_data(parts: CustomerParts, holder: Holder, profile: Profile) -> MyData:
    """Return what is kept."""
    now = parts.clock()
    grants = grants_in_force(parts.known.consents(holder.customer_id), now)
    held = parts.known.purposes(holder.customer_id)
    return MyData(
        profile=profile,
        purposes={purpose: ends_at(grants[purpose]) for purpose in held if purpose in grants},
        since_at=holder.since_at,
        keeps_until=now + UNVISITED,
        linked_screen=parts.presences.screen_of(holder.customer_id),
        uses=_uses(parts, holder),
    )


def export(parts: CustomerParts, holder: Holder, profile: Profile) -> Mapping[str, object]:
    """Return everything that is kept about them."""
    in_words = as_export(
        holder,
        profile,
        parts.known.consents(holder.customer_id),
        uses=_uses(parts, holder),
    )
    # Row by row beside it, from the list that a test holds complete.
    return {**in_words, "rows": parts.store.people.export(holder.customer_id)}


def _uses(parts: CustomerParts, holder: Holder) -> int:
    records = sorted(set(parts.known.purposes(holder.customer_id).values()))
    return parts.store.people.uses_since(records, parts.clock() - USES_OF)
