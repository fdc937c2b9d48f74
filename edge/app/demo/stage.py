"""What a demo has in place of a camera and a radio: a picture file, and a simulated BlueZ.

The service reads both as it reads real ones: the picture goes through the decoding process, the
beacon through bleak. Only the hand that holds the phone is missing, and a button takes its place.
"""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.app.phone_codes import draw
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError, EdgeError
from edge.devices.air import Advertisement
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus
from edge.identity.beacon import uuid_of

if TYPE_CHECKING:
    from edge.devices.simulated_radio import SimulatedRadio

log = logging.getLogger(__name__)

ADAPTER: Final = "hci0"
NEAR_DBM: Final = -55
STAYS_S: Final = 60.0
_EVERY_S: Final = 0.2
_PASSERS_BY_S: Final = 10.0
_PASSER_BY_DBM: Final = -80

Frames = Callable[[], bytes | None]
"""What the phone's beacon sends now; None ends it."""


class DemoStage:
    """A picture before the camera, and a phone near the radio."""

    def __init__(self, folder: Path, clock: Clock, chance: Chance) -> None:
        """Set the stage in ``folder``; without dbus-daemon there is no radio."""
        self._folder = folder
        self._chance = chance
        self._lock = threading.Lock()
        self._walking: threading.Event | None = None
        self._closing = threading.Event()
        self._bus: PrivateBus | None = None
        self._radio: SimulatedRadio | None = None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.picture = folder / "camera" / "seen.png"
        self.picture.parent.mkdir(exist_ok=True, mode=0o700)
        self.picture.unlink(missing_ok=True)
        self._start_radio(clock)

    @property
    def adapter(self) -> str:
        """The simulated radio's adapter; "" when there is none."""
        return ADAPTER if self._radio is not None else ""

    def hold(self, text: str) -> None:
        """Hold a code before the camera."""
        draw(text, self.picture)

    def come_near(self, frames: Frames) -> None:
        """Stand near the kiosk for a minute; whoever stood there before goes."""
        if self._radio is None:
            return
        self.walk_away()
        gone = threading.Event()
        with self._lock:
            self._walking = gone
        threading.Thread(
            target=self._stand, args=(frames, gone), name="demo-beacon", daemon=True
        ).start()

    def walk_away(self) -> None:
        """Leave the radio's reach."""
        with self._lock:
            gone, self._walking = self._walking, None
        if gone is not None:
            gone.set()

    def close(self) -> None:
        """Take the stage down."""
        self._closing.set()
        self.walk_away()
        if self._radio is not None:
            self._radio.stop()
        if self._bus is not None:
            self._bus.stop()
        self.picture.unlink(missing_ok=True)

    def _stand(self, frames: Frames, gone: threading.Event) -> None:
        radio, before, address = self._radio, b"", ""
        for _ in range(int(STAYS_S / _EVERY_S)):
            frame = frames()
            if frame is None or radio is None:
                return
            if frame != before:
                before, address = frame, self._address()
            with suppress(DeviceUnavailableError):
                radio.advertise(Advertisement(address, NEAR_DBM, (uuid_of(frame),)))
            if gone.wait(_EVERY_S):
                return

    def _pass_by(self, radio: "SimulatedRadio") -> None:
        # The air of a shop is never silent; a radio that hears nothing counts as broken.
        while not self._closing.wait(_PASSERS_BY_S):
            with suppress(DeviceUnavailableError):
                radio.advertise(Advertisement(self._address(), _PASSER_BY_DBM, ()))

    def _address(self) -> str:
        first, *rest = self._chance(6)
        return ":".join(f"{each:02X}" for each in (first | 0xC0, *rest))

    def _start_radio(self, clock: Clock) -> None:
        from edge.devices.simulated_radio import SimulatedRadio  # noqa: PLC0415 - for a demo only

        # A socket's path may not be longer than 107 bytes, and a demo's folder may.
        bus = PrivateBus(self._folder)
        try:
            bus.start()
            radio = SimulatedRadio(bus.address, clock, adapter=ADAPTER, has_gaps=False)
            radio.start()
        except (EdgeError, OSError) as error:
            bus.stop()
            log.info("no simulated radio: %s", error)
            return
        self._bus, self._radio = bus, radio
        os.environ[SYSTEM_BUS] = bus.address
        threading.Thread(
            target=self._pass_by, args=(radio,), name="demo-passers-by", daemon=True
        ).start()
