"""The Bluetooth radio: hears customers' beacons and hands them on. The only module with bleak.

A thread of its own runs an event loop per attempt, and so a connection to BlueZ per attempt: a
restart then leaves nothing behind, neither a scan that BlueZ believes in nor what bleak remembers
of a daemon that is gone. A second thread takes sightings from a bounded queue and calls
``on_sighting``, so that the radio never waits for whoever looks.

The two filters matter more than they look. Without ``RSSI``, BlueZ reports a device only when it
moved by 8 dB; without ``DuplicateData``, not when it says the same again.

Source: identity.md, "bleak / BlueZ facts that shape the design".
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, DBusError

from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError
from edge.devices.bluez_link import BluezLink, close
from edge.devices.hearing import Hearing
from edge.devices.radio_status import RadioStatus, State
from edge.devices.sightings import Sighting
from edge.devices.watchdog import LOOK_S, SILENT_S, Watchdog
from edge.identity.noise import Noise

log = logging.getLogger(__name__)

RSSI_FILTER_DBM: Final = -90
_RSSI_DBM: Final = range(-126, 21)
"""Outside is no measurement: -127 is bleak's word for none, 127 the controller's."""
_STEP_S: Final = 1.0
_AWAY: Final = (
    *(BleakError, DBusError, AuthError, OSError, EOFError, AssertionError),
    DeviceUnavailableError,
)
"""What a missing adapter, BlueZ or bus raises, by the layer that notices first."""


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """Which radio, whose beacons, and how patiently. No adapter: no radio."""

    adapter: str
    prefix: bytes
    silent_s: float = SILENT_S
    look_s: float = LOOK_S
    retry_s: float = 5.0
    """Pause before the next attempt where there is no adapter, no BlueZ or no bus."""
    answer_s: float = 10.0
    """BlueZ is given up for this attempt when it does not answer within this."""
    rest_s: float = 2.0
    """Not listened for so long after a loud second: hearing costs the screens' processor too."""


class BeaconScanner:
    """Starts and stops the radio.

    Args:
        settings: Which radio.
        on_sighting: Takes one sighting, in the thread ``beacon-sightings``; at most 500 a second.
            It may raise an EdgeError, which is logged.
        clock: Dates sightings; also ends the pause after noise.
        noise: What is too loud; the usual when left out.
    """

    def __init__(
        self,
        settings: ScannerSettings,
        on_sighting: Callable[[Sighting], None],
        clock: Clock,
        noise: Noise | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._hearing = Hearing(settings.adapter, settings.prefix, clock, noise or Noise())
        self._watchdog = Watchdog(settings.silent_s)
        self._status = RadioStatus("off", settings.adapter, clock())
        self._is_loud = asyncio.Event()
        self._stopping = threading.Event()
        self._threads = (
            threading.Thread(target=self._run, name="beacon-radio", daemon=True),
            threading.Thread(
                target=self._hearing.queue.hand_on,
                args=(on_sighting,),
                name="beacon-sightings",
                daemon=True,
            ),
        )

    def start(self) -> None:
        """Start both threads; does nothing without an adapter in the settings."""
        if self._settings.adapter:
            # Its debug lines hold whole advertisements, and those hold tokens. What it warns of
            # (a lost connection, also when we closed it) is found out and said here.
            logging.getLogger("bleak").setLevel(logging.ERROR)
            self._become("starting")
            for thread in self._threads:
                thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop listening and end both threads."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)
            self._hearing.queue.close()

    def status(self) -> RadioStatus:
        """Return how the radio is; from any thread."""
        hearing, noise = self._hearing, self._hearing.noise
        return replace(
            self._status,
            heard=hearing.packets,
            sighted=hearing.sighted,
            shed=noise.shed,
            dropped=hearing.queue.dropped,
            crowded=hearing.crowded,
            needs_reset=self._status.state in {"listening", "silent"}
            and self._watchdog.needs_reset,
            off_until_at=noise.off_until_at,
        )

    # ---- in the thread of the radio ----------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._hearing.noise.is_off(self._clock()):
                self._become("noise")
                self._stopping.wait(_STEP_S)
                continue
            try:
                asyncio.run(self._attempt())
                self._rest_if_loud()
                continue
            except _AWAY as error:
                self._note(error)
            except Exception as error:
                # Broad, because this is a supervisor: listening goes on whatever bleak did.
                log.exception("the radio failed")
                self._note(error)
            self._become("waiting")
            self._stopping.wait(self._settings.retry_s)
        self._become("stopped")

    def _rest_if_loud(self) -> None:
        if self._is_loud.is_set() and not self._hearing.noise.is_off(self._clock()):
            self._become("loud")
            self._stopping.wait(self._settings.rest_s)

    async def _attempt(self) -> None:
        """Listen until something speaks against it, over a connection of its own."""
        self._is_loud = asyncio.Event()
        scanner = BleakScanner(
            self._on_advertisement,
            scanning_mode="active",
            bluez={
                "adapter": self._settings.adapter,
                "filters": {"RSSI": RSSI_FILTER_DBM, "DuplicateData": True},
            },
        )
        try:
            await self._answered(scanner.start())
            bus = _bus_of_bleak()
            assert bus is not None
            await self._listen(BluezLink(bus, self._settings.adapter))
        finally:
            await self._end(scanner)

    async def _end(self, scanner: BleakScanner) -> None:
        """Stop, and close the connection: whatever BlueZ would keep of us goes with it.

        In noise there is only the closing, which ends the scan too: the answer to a polite stop
        would come after everything else that waits to be read.
        """
        bus = _bus_of_bleak()
        if bus is None or not bus.connected:
            return
        try:
            if not self._is_loud.is_set():
                await self._answered(scanner.stop())
        except _AWAY as error:
            self._note(error)  # such as InProgress
        finally:
            await close(bus)

    async def _listen(self, link: BluezLink) -> None:
        await self._answered(link.watch())
        loop = asyncio.get_running_loop()
        self._watchdog.started(loop.time())
        self._become("listening")
        step_s = min(_STEP_S, self._settings.look_s)
        look_at = loop.time() + self._settings.look_s
        while not self._stopping.is_set() and not self._hearing.noise.is_off(self._clock()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_loud.wait(), step_s)
                return
            if link.broken is not None:
                raise DeviceUnavailableError(link.broken)
            if loop.time() < look_at:
                continue
            look_at = loop.time() + self._settings.look_s
            if self._watchdog.is_silent(loop.time()):
                self._become("silent")
                self._note(DeviceUnavailableError(self._silence()))
                self._status = replace(self._status, restarts=self._status.restarts + 1)
                return

    async def _answered(self, call: Coroutine[Any, Any, None]) -> None:
        async with asyncio.timeout(self._settings.answer_s):
            await call

    def _on_advertisement(self, _device: BLEDevice, advertisement: AdvertisementData) -> None:
        if advertisement.rssi not in _RSSI_DBM:
            return
        self._watchdog.heard(asyncio.get_running_loop().time())
        if self._hearing.heard(
            advertisement.service_uuids, advertisement.service_data, advertisement.rssi
        ):
            self._is_loud.set()

    # ---- status ------------------------------------------------------------------------

    def _silence(self) -> str:
        said = f"it heard nothing for {self._settings.silent_s:.0f} s"
        return f"{said}, again: it needs a reset" if self._watchdog.needs_reset else said

    def _become(self, state: State) -> None:
        if self._status.state != state:
            self._status = replace(self._status, state=state, since_at=self._clock())

    def _note(self, error: Exception) -> None:
        said = str(error) or type(error).__name__
        if said != self._status.last_error:  # once, not for every try of three days
            log.warning("the radio %s: %s", self._settings.adapter, said)
        self._status = replace(self._status, last_error=said)


def _bus_of_bleak() -> MessageBus | None:
    """Return the connection that bleak made in this loop; it neither shows nor closes it."""
    from bleak.backends.bluezdbus import manager  # noqa: PLC0415 - there is none but on Linux

    made = manager._global_instances.get(asyncio.get_running_loop())  # noqa: SLF001 - no other way
    return None if made is None else made._bus  # noqa: SLF001 - no other way
