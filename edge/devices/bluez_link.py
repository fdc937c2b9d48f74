"""Notices at once when the connection to BlueZ is not what it was.

bleak does not tell a scanner that its bus, its BlueZ or its adapter has gone: the scan just stays
silent. The watchdog would find out after 90 seconds, and could not say why.
"""

import asyncio
import contextlib
from typing import Final

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

BLUEZ: Final = "org.bluez"
_CLOSES_WITHIN_S: Final = 1.0


async def listen_for_names(bus: MessageBus, *, only: str | None = None) -> None:
    """Ask the bus to say who leaves it, and who takes the name ``only``."""
    rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"
    if only is not None:
        rule += f",arg0='{only}'"
    await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=[rule],
        )
    )


async def close(bus: MessageBus) -> None:
    """Close a connection; what waits in it unread is lost."""
    bus.disconnect()
    with contextlib.suppress(OSError, EOFError):
        async with asyncio.timeout(_CLOSES_WITHIN_S):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class BluezLink:
    """Watches a connection that somebody else made."""

    def __init__(self, bus: MessageBus, adapter: str) -> None:
        self._bus = bus
        self._adapter_path = f"/org/bluez/{adapter}"
        self._broken: str | None = None

    async def watch(self) -> None:
        """Begin."""
        self._bus.add_message_handler(self._on_message)
        await listen_for_names(self._bus, only=BLUEZ)

    @property
    def broken(self) -> str | None:
        """Why nothing can be heard over it any more."""
        if not self._bus.connected:
            return "the system bus has gone"
        return self._broken

    def _on_message(self, message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL:
            return False
        about = message.body[0] if message.body else None
        if message.member == "NameOwnerChanged" and about == BLUEZ:
            self._broken = "bluetoothd ended or was started again"
        elif message.member == "InterfacesRemoved" and about == self._adapter_path:
            self._broken = "the adapter was taken away"
        return False  # bleak wants to hear of it too
