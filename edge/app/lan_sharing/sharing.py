"""Join what is shared with the line to the shop's other devices.

Every part works without the line, as it does on a device that stands alone. What is lost while
it is away: a code may open something once per device within its minute, a cap is overshot by what
the others show, and a token may hold a screen at two devices.

Another device may be hostile: it says what it likes, under its own name. So each has a pace of its
own. States beyond it wait, and only the newest of a device is looked at then, which loses nothing
because a state says all; what is of its moment is dropped.
"""

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.app.lan_sharing.shop_counts import ShopCounts
from edge.app.lan_sharing.shop_stock import ShopStock
from edge.app.recognition.beacons import Beacons
from edge.app.recognition.pace import Pace
from edge.app.supervisor import Job
from edge.core.clock import Clock
from edge.core.errors import WireContractError
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

log = logging.getLogger(__name__)

STATES_PER_S: Final = 2.0
STATES_AT_ONCE: Final = 60.0
"""All of a shop's devices tell their states when they connect."""
PASSING_PER_S: Final = 200.0
PASSING_AT_ONCE: Final = 400.0
MOST_DEVICES: Final = 64
MOST_SCREENS: Final = 16
"""Of one other device, that it may say a beacon is heard at."""
_DEVICE: Final = re.compile(r"[a-z0-9-]{3,32}")


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
        self._states = Pace(shared.clock, per_s=STATES_PER_S, at_once=STATES_AT_ONCE)
        self._passing = Pace(shared.clock, per_s=PASSING_PER_S, at_once=PASSING_AT_ONCE)
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._screens: dict[str, set[str]] = {}
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
            WireContractError: It is not what its topic says, or more than a device has to say.
        """
        if not _DEVICE.fullmatch(device):
            msg = f"wanted a message of a device, got one of {device[:40]!r}"
            raise WireContractError(msg)
        if kind in {STOCK, COUNTS}:
            if self._is_for_now(kind, device, payload):
                self._state(kind, device, payload)
        elif device != self._shared.device:  # our own passing word comes back
            if not self._passing.may(device):
                msg = f"wanted at most {PASSING_PER_S:.0f} messages a second, got more"
                raise WireContractError(msg)
            self._pass(kind, device, payload)

    def tick(self) -> None:
        """Take the states that had to wait; to be called every few seconds."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for (kind, device), payload in waiting.items():
            try:
                self._state(kind, device, payload)
            except WireContractError as error:
                log.warning("%s: %s", device, error)

    def jobs(self) -> list[Job]:
        """Return what is to be done every so often."""
        return [Job("shop counts", 2, self._shared.counts.tick), Job("shop states", 2, self.tick)]

    def _is_for_now(self, kind: str, device: str, payload: bytes) -> bool:
        key = (kind, device)
        with self._lock:
            if key in self._waiting or not self._states.may(device):
                if len(self._waiting) < 2 * MOST_DEVICES:
                    self._waiting[key] = payload
                return False
        return True

    def _state(self, kind: str, device: str, payload: bytes) -> None:
        if kind == STOCK:
            self._shared.stock.heard(read_told(StockTold, payload))
        else:
            self._shared.counts.heard(device, read_told(CountsTold, payload))

    def _pass(self, kind: str, device: str, payload: bytes) -> None:
        shared = self._shared
        if kind == USED and shared.used is not None:
            used = read_told(UsedTold, payload)
            shared.used.hear(bytes.fromhex(used.digest), used.at_s, shared.clock(), device)
        elif kind == NEAR and shared.beacons is not None:
            near = read_told(NearTold, payload)
            self._check_screen(device, near.screen)
            screen = f"{device}/{near.screen}"
            shared.beacons.heard_elsewhere(
                bytes.fromhex(near.frame), screen, near.place, near.rssi_dbm
            )

    def _check_screen(self, device: str, screen: str) -> None:
        screens = self._screens.get(device, set())
        if screen in screens:
            return
        if len(screens) >= MOST_SCREENS or (not screens and len(self._screens) >= MOST_DEVICES):
            msg = f"wanted at most {MOST_SCREENS} screens of {MOST_DEVICES} devices, got another"
            raise WireContractError(msg)
        self._screens[device] = screens | {screen}

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
