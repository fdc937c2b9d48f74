"""An event of a device that claims a site for which it was never enrolled is not taken.

What was held against the ledger once is remembered, so that a batch costs nothing: a site that a
device was enrolled for stays one of those that it ever was enrolled for.
"""

from collections.abc import Sequence
from typing import Final

from edge.central.bridge.sink import Arrived, Refused
from edge.central.enrolled_sites import sites_ever
from edge.central.postgres import Cursor

_MOST_KNOWN: Final = 500_000


class SiteCheck:
    """Holds events against the ledger of who was enrolled. For one thread."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def refused(self, cursor: Cursor, batch: Sequence[Arrived]) -> tuple[Refused, ...]:
        """Return the events of ``batch`` that claim a site which is not their device's."""
        unknown = {(one.device, one.site) for one in batch} - self._known
        if not unknown:
            return ()
        sites = sites_ever(cursor, {device for device, _ in unknown})
        right = {(device, site) for device, site in unknown if site in sites.get(device, ())}
        if len(self._known) + len(right) > _MOST_KNOWN:
            self._known.clear()
        self._known |= right
        # Who is not in the ledger is believed, and asked about again.
        wrong = {pair for pair in unknown - right if pair[0] in sites}
        if not wrong:
            return ()
        return tuple(_refused(one) for one in batch if (one.device, one.site) in wrong)


def _refused(one: Arrived) -> Refused:
    why = f"wanted an event of a site that {one.device} was enrolled for, got one of {one.site}"
    return Refused(one, why)
