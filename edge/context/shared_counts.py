"""How often each offer was shown and taken in the whole shop: the sum over its devices.

Each device counts what happens on itself, and only it raises its own numbers. Taking the larger
of two states of the same device is then always right, in any order and any number of times.

While a device is away, the others miss what it shows meanwhile: a cap of n is overshot by at most
what the devices that do not hear each other show of it in that time.

Source: Shapiro et al., "Conflict-free Replicated Data Types", 2011 (G-Counter).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

DAYS_KEPT: Final = 2
MOST_OFFERS: Final = 1_000
"""Of one device on one day; it tells no more at once, so who tells others each time is lying."""
MOST_DEVICES: Final = 64
Times = tuple[int, int]
"""(shown, taken)"""
Days = Mapping[date, Mapping[str, Times]]


class SharedCounts:
    """The counts of every device. Not locked: its owner calls it under a lock."""

    def __init__(self, device: str, own: Days | None = None) -> None:
        """Begin with this device's own counts from before."""
        self._device = device
        self._of: dict[str, dict[date, dict[str, Times]]] = {device: {}}
        self.hear(device, own or {})

    def count(self, offer: str, day: date, *, shown: int = 0, taken: int = 0) -> None:
        """Count what happened on this device."""
        counts = self._of[self._device].setdefault(day, {})
        before = counts.get(offer, (0, 0))
        counts[offer] = (before[0] + shown, before[1] + taken)

    def hear(self, device: str, told: Days) -> None:
        """Take a state of a device; of this one too, which may have forgotten it."""
        if device not in self._of and len(self._of) >= MOST_DEVICES:
            return
        mine = self._of.setdefault(device, {})
        for day, offers in told.items():
            counts = mine.setdefault(day, {})
            for offer, (shown, taken) in offers.items():
                if offer not in counts and len(counts) >= MOST_OFFERS:
                    continue
                before = counts.get(offer, (0, 0))
                counts[offer] = (max(before[0], shown), max(before[1], taken))

    def own(self) -> Days:
        """Return this device's own counts."""
        return self._of[self._device]

    def of_shop(self, offer: str, day: date) -> Times:
        """Return (shown, taken) over all devices."""
        found = [days.get(day, {}).get(offer, (0, 0)) for days in self._of.values()]
        return sum(one[0] for one in found), sum(one[1] for one in found)

    def forget_before(self, today: date) -> None:
        """Drop the days that no cap looks at any more."""
        oldest = today - timedelta(days=DAYS_KEPT - 1)
        for days in self._of.values():
            for day in [day for day in days if day < oldest]:
                del days[day]
