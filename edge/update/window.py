"""When the shop lets downloads and swaps begin: by its own wall clock.

Source: fleet.md 6 ("store window").
"""

from dataclasses import dataclass
from datetime import datetime, time, tzinfo


@dataclass(frozen=True, slots=True)
class ShopWindow:
    """From one time of the shop's day up to another; over midnight when it ends before it begins.

    Args:
        begins: The first moment of the day at which it is open.
        ends: The first at which it is closed again; equal to ``begins``: it is always open.
        zone: The shop's time zone.

    It is the time on the wall that counts. In the night in which clocks go back, a window over that
    hour is open an hour longer; in the one in which they go forward, an hour less, and one that
    lies wholly in the missing hour opens the night after.
    """

    begins: time
    ends: time
    zone: tzinfo

    def is_open(self, now: datetime) -> bool:
        """Say whether the window is open at ``now``."""
        local = now.astimezone(self.zone).time()
        if self.begins == self.ends:
            return True
        if self.begins < self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


def shop_window(begins: str, ends: str, zone: tzinfo) -> ShopWindow:
    """Return the window between two times written as in the settings: "02:30"."""
    return ShopWindow(time.fromisoformat(begins), time.fromisoformat(ends), zone)
