"""Join what is shared with the line to the shop's other devices.

Every part works without the line, as it does on a device that stands alone. What is lost while
it is away: a code may open something once per device within its minute, a cap is overshot by what
the others show, and a token may hold a screen at two devices.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.app.lan_sharing.shop_counts import ShopCounts
from edge.app.lan_sharing.shop_stock import ShopStock
from edge.app.recognition.beacons import Beacons
from edge.app.supervisor import Job
from edge.core.clock import Clock
from edge.identity.used import UsedCodes
from edge.sync.lan import LanLink
from edge.wire.lan import (
    COUNTS,
    NEAR,
    STOCK,
    USED,
    CountsTold,
    NearTold,
    StockTold,
    UsedTold,
    read_told,
    told_bytes,
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What is shared; without recognition there are neither codes nor beacons."""

    device: str
    stock: ShopStock
    counts: ShopCounts
    clock: Clock
    used: UsedCodes | None = None
    beacons: Beacons | None = None
    place: str = ""
    """Where this device's radio stands."""


class LanSharing:
    """Tells the others what happens here, and takes what they tell."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.link: LanLink | None = None

    def join(self, link: LanLink) -> None:
        """Share over ``link``, which is not started yet."""
        shared, self.link = self._shared, link
        shared.stock.keep = lambda state: link.keep(STOCK, state)
        shared.counts.keep = lambda state: link.keep(COUNTS, state)
        link.keep(STOCK, shared.stock.state())
        link.keep(COUNTS, shared.counts.state())
        if shared.used is not None:
            shared.used.told = self._used_here
        if shared.beacons is not None:
            shared.beacons.told = self._near_here

    def heard(self, kind: str, device: str, payload: bytes) -> None:
        """Take one message.

        Raises:
            WireContractError: It is not what its topic says.
        """
        shared = self._shared
        if kind == STOCK:
            shared.stock.heard(read_told(StockTold, payload))
        elif kind == COUNTS:
            shared.counts.heard(device, read_told(CountsTold, payload))
        elif device == shared.device:
            return  # our own passing word comes back
        elif kind == USED and shared.used is not None:
            used = read_told(UsedTold, payload)
            shared.used.hear(bytes.fromhex(used.digest), used.at_s, shared.clock())
        elif kind == NEAR and shared.beacons is not None:
            near = read_told(NearTold, payload)
            screen = f"{device}/{near.screen}"
            shared.beacons.heard_elsewhere(
                bytes.fromhex(near.frame), screen, near.place, near.rssi_dbm
            )

    def jobs(self) -> list[Job]:
        """Return what is to be done every so often."""
        return [Job("shop counts", 2, self._shared.counts.tick)]

    def figures(self) -> Mapping[str, float]:
        """Return figures for /metrics."""
        if self.link is None:
            return {}
        status = self.link.status()
        return {
            "lan_connected": float(status.is_connected),
            "lan_heard_total": float(status.heard),
            "lan_refused_total": float(status.refused),
            "lan_dropped_total": float(status.dropped),
        }

    def _used_here(self, digest: bytes, at_s: int) -> None:
        self._tell(USED, UsedTold(digest=digest.hex(), at_s=at_s))

    def _near_here(self, frame: bytes, screen_id: str, rssi_dbm: float) -> None:
        near = NearTold(
            frame=frame.hex(),
            screen=screen_id,
            place=self._shared.place,
            rssi_dbm=max(-127, min(20, round(rssi_dbm))),
        )
        self._tell(NEAR, near)

    def _tell(self, kind: str, told: UsedTold | NearTold) -> None:
        if self.link is not None:
            self.link.tell(kind, told_bytes(told))
