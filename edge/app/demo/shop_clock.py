"""A clock by which the demo shop is open."""

from datetime import datetime, timedelta
from typing import Final

from edge.catalog.hours import is_open_at, local, opening_on
from edge.catalog.site import Site
from edge.core.clock import Clock

_WHILE: Final = timedelta(hours=2)


def demo_clock(site: Site, clock: Clock) -> tuple[Clock, timedelta]:
    """Return a clock by which the demo shop is open, and how far it was moved.

    A demo is tried at any hour, and for a while. When the shop would be closed, or would close
    meanwhile, its clock is set to a quarter past noon of that day or its next open one, and says so at the start.
    """
    now = clock()
    here = local(site.header, now)
    if is_open_at(site.header, here) and is_open_at(site.header, here + _WHILE):
        return clock, timedelta(0)
    for days in range(8):
        noon = datetime.combine(
            here.date() + timedelta(days=days), datetime.min.time(), tzinfo=here.tzinfo
        ) + timedelta(hours=12, minutes=15)
        if opening_on(site.header, noon.date()) and is_open_at(site.header, noon):
            return _moved(clock, noon - now), noon - now
    return clock, timedelta(0)


def _moved(clock: Clock, shift: timedelta) -> Clock:
    return lambda: clock() + shift
