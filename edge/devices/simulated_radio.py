"""A BlueZ without a radio: ``org.bluez`` on a bus of its own, for the demo and for tests.

bleak, unmodified, finds it as it finds the real one. What the air holds comes from ``advertise``,
or over the bus from another process (``edge phone beacon``), by the method below of
``AIR_INTERFACE``. Semantics and faults are ``simulated_adapter.py``'s.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from edge.core.clock import Clock
from edge.core.errors import DeviceUnavailableError
from edge.devices.air import Advertisement, BluezError, Properties, Removed, Report
from edge.devices.bluez_link import BLUEZ, close, listen_for_names
from edge.devices.bluez_messages import (
    ADAPTER,
    OBJECTS,
    adapter_added,
    adapter_removed,
    objects_of,
    signal_of,
)
from edge.devices.simulated_adapter import SimulatedAdapter

AIR_PATH: Final = "/org/bluez"
AIR_INTERFACE: Final = "org.instore.SimulatedAir1"
ADVERTISE: Final = "snasa{say}"
"""The signature of Advertise: address, strength in dBm, service UUIDs, service data."""
_WITHIN_S: Final = 10.0
_SWEEP_S: Final = 1.0


class BlockingBus(MessageBus):
    """dbus-fast's connection with a socket that waits.

    dbus-fast gives a connection up when its socket is full (5.2.0), and whoever sends thousands of
    packets a second fills it.
    """

    async def connect(self) -> MessageBus:
        """Connect, and wait from then on where the socket is full."""
        await super().connect()
        assert self._sock is not None
        self._sock.setblocking(True)
        return self


class SimulatedRadio:
    """``org.bluez`` with one adapter, in a thread. Start it again after ``stop`` or ``crash``.

    Args:
        address: The bus to be on.
        clock: When packets are heard, for gaps and forgetting.
        adapter: The adapter's name.
        has_gaps: Whether it listens for only 10 s in every 15, as the real one does.
    """

    def __init__(
        self, address: str, clock: Clock, *, adapter: str = "hci0", has_gaps: bool = True
    ) -> None:
        self._address = address
        self._make: Callable[[], SimulatedAdapter] = partial(
            SimulatedAdapter, adapter, clock, has_gaps=has_gaps
        )
        self._adapter: SimulatedAdapter | None = None
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: MessageBus | None = None
        self._done = asyncio.Event()
        self._thread: threading.Thread | None = None
        self.calls: list[tuple[str, Properties]] = []
        """Every call of the adapter, with its discovery filter where it has one."""

    def start(self) -> None:
        """Take the name and answer.

        Raises:
            DeviceUnavailableError: There is no bus there, or another BlueZ on it.
        """
        started = threading.Event()
        problem: list[str] = []

        def run() -> None:
            try:
                asyncio.run(self._serve(started))
            except (OSError, EOFError, DBusError, DeviceUnavailableError) as error:
                problem.append(str(error) or type(error).__name__)
            finally:
                self._loop = None
                started.set()

        self._thread = threading.Thread(target=run, name="simulated-bluez", daemon=True)
        self._thread.start()
        if not started.wait(_WITHIN_S) or problem:
            msg = (
                f"wanted to be org.bluez at {self._address}, got: {'; '.join(problem) or 'silence'}"
            )
            raise DeviceUnavailableError(msg)

    def stop(self) -> None:
        """End as bluetoothd does when it is asked to: its objects go first."""
        if self._loop is not None:
            self.unplug()
        self.crash()

    def crash(self) -> None:
        """End without a word; clients believe in what they last heard."""
        loop, thread = self._loop, self._thread
        if loop is not None:
            loop.call_soon_threadsafe(self._done.set)
        if thread is not None:
            thread.join(_WITHIN_S)

    def advertise(self, *packets: Advertisement) -> None:
        """Put packets into the air; returns when the bus has what followed from them."""
        self._do(lambda: self._hear(packets))

    def unplug(self) -> None:
        """Take the adapter away."""
        self._do(self._remove_adapter)

    def plug_in(self) -> None:
        """Put it back, as new."""
        self._do(self._add_adapter)

    def fault(self, change: Callable[[SimulatedAdapter], None]) -> None:
        """Change the adapter: ``radio.fault(lambda adapter: setattr(adapter, "is_dead", True))``."""

        def apply() -> None:
            if self._adapter is not None:
                change(self._adapter)

        self._do(apply)

    def _do(self, what: Callable[[], None]) -> None:
        """Run ``what`` in the radio's thread."""
        if self._loop is None:
            msg = "wanted the simulated radio to run, it was stopped; start it"
            raise DeviceUnavailableError(msg)

        async def call() -> None:
            what()

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(_WITHIN_S)

    # ---- in its thread -----------------------------------------------------------------

    async def _serve(self, started: threading.Event) -> None:
        self._done = asyncio.Event()
        bus = self._bus = BlockingBus(bus_address=self._address)
        await bus.connect()
        try:
            bus.add_message_handler(self._on_message)
            await _be_bluez(bus)
            self._add_adapter()
            self._loop = asyncio.get_running_loop()
            started.set()
            while not self._done.is_set() and bus.connected:
                if self._adapter is not None:
                    self._tell(self._adapter.forget(self._clock()))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._done.wait(), _SWEEP_S)
        finally:
            self._bus = None
            await close(bus)

    def _hear(self, packets: Iterable[Advertisement]) -> None:
        for packet in packets:
            if self._adapter is not None:
                self._tell(self._adapter.hear(packet))

    def _add_adapter(self) -> None:
        self._adapter = self._make()
        self._send(adapter_added(self._adapter))

    def _remove_adapter(self) -> None:
        adapter, self._adapter = self._adapter, None
        if adapter is not None:
            self._tell(Removed(path) for path in adapter.devices())
            self._send(adapter_removed(adapter))

    def _on_message(self, message: Message) -> Message | bool:
        if message.message_type is MessageType.METHOD_CALL:
            return self._answer(message)
        if message.member == "NameOwnerChanged" and not message.body[2] and self._adapter:
            self._tell(self._adapter.leave(message.body[0]))
        return False

    def _answer(self, call: Message) -> Message | bool:
        if call.interface == OBJECTS and call.member == "GetManagedObjects":
            return Message.new_method_return(call, "a{oa{sa{sv}}}", [objects_of(self._adapter)])
        if call.interface == AIR_INTERFACE and call.signature == ADVERTISE:
            address, rssi_dbm, uuids, data = call.body
            self._hear([Advertisement(address, rssi_dbm, tuple(uuids), data)])
            return Message.new_method_return(call)
        if call.interface == ADAPTER and self._adapter and call.path == self._adapter.path:
            return self._adapter.is_mute or self._answer_for(self._adapter, call)
        return False

    def _answer_for(self, adapter: SimulatedAdapter, call: Message) -> Message | bool:
        client = call.sender or ""
        filters = {name: each.value for name, each in call.body[0].items()} if call.body else {}
        self.calls.append((call.member or "", filters))
        try:
            match call.member:
                case "SetDiscoveryFilter":
                    adapter.set_filter(client, filters)
                case "StartDiscovery":
                    adapter.start(client)
                case "StopDiscovery":
                    self._tell(adapter.stop(client))
                case _:
                    return False
        except BluezError as error:
            return Message.new_error(call, str(error), "as BlueZ would")
        return Message.new_method_return(call)

    def _tell(self, reports: Iterable[Report]) -> None:
        for report in reports:
            self._send(signal_of(report))

    def _send(self, message: Message) -> None:
        if self._bus is not None and self._bus.connected:
            self._bus.send(message)


async def _be_bluez(bus: MessageBus) -> None:
    """Take the name, and hear which clients leave the bus.

    Raises:
        DeviceUnavailableError: Somebody has the name.
    """
    await listen_for_names(bus)
    if await bus.request_name(BLUEZ, NameFlag.DO_NOT_QUEUE) != RequestNameReply.PRIMARY_OWNER:
        msg = "another org.bluez, which is there already"
        raise DeviceUnavailableError(msg)
