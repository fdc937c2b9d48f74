"""How often one sender may ask: a bucket of tries that fills again, for each address and for all."""

import threading
from collections import OrderedDict
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Final

from edge.core.clock import Clock

PER_MINUTE: Final = 6.0
AT_ONCE: Final = 10.0
FOR_ALL: Final = 20.0
"""All senders together get so many times what one gets. Before a proxy that is not in
``serve.trusted_proxy`` all of them are one."""
FOR_A_SITE: Final = 4.0
"""So many times what one gets, for all of a /48, which is what one customer of a provider may have."""
MOST: Final = 4096
_ALL: Final = ""


class Tries:
    """Buckets by sender. Safe to use from every thread."""

    def __init__(self, clock: Clock, *, per_minute: float = PER_MINUTE) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def may(self, sender: str) -> bool:
        """Take one try of ``sender``; False when it has none, or all together have none."""
        with self._lock:
            who, site = _who(sender)
            is_allowed = (
                self._take(f"from {who}", 1.0)
                and (not site or self._take(f"site {site}", FOR_A_SITE))
                and self._take(_ALL, FOR_ALL)
            )
            while len(self._left) > MOST:
                self._left.popitem(last=False)
            return is_allowed

    def _take(self, bucket: str, times: float) -> bool:
        now, most = self._clock(), AT_ONCE * times
        left, at = self._left.pop(bucket, (most, now))
        filled = max(0.0, (now - at).total_seconds()) / 60 * self._per_minute * times
        left = min(most, left + filled)  # a clock that was set back fills nothing
        self._left[bucket] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def _who(sender: str) -> tuple[str, str]:
    """Return whose address it is, and of IPv6 their /48: one line has 2**64 addresses, or 2**80."""
    try:
        address = ip_address(sender)
    except ValueError:
        return sender, ""
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        number = int(address)
        return (str(mapped), "") if mapped else (f"{number >> 64:x}::/64", f"{number >> 80:x}::/48")
    return str(address), ""
