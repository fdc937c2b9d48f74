"""What central does with new events, in the very transaction that writes them.

Each area that follows events adds its function here.
"""

from edge.central.bridge.sink import Follow
from edge.central.customers.part import CustomersPart
from edge.core.clock import Clock


def follows(customers: CustomersPart | None, clock: Clock) -> tuple[Follow, ...]:
    """Return what follows events; None: what they say of customers is kept and not opened."""
    return () if customers is None else (customers.follow(clock),)
