"""Put packets into a simulated radio that runs in another process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from edge.core.errors import DeviceUnavailableError
from edge.devices.air import Advertisement
from edge.devices.bluez_link import BLUEZ, close
from edge.devices.simulated_radio import ADVERTISE, AIR_INTERFACE, AIR_PATH

Advertise = Callable[[Advertisement], Awaitable[None]]


@asynccontextmanager
async def remote_air(address: str) -> AsyncIterator[Advertise]:
    """Give what puts a packet into the air of the simulated radio on the bus at ``address``.

    Raises:
        DeviceUnavailableError: There is no bus, or no simulated radio on it (any more).
    """
    try:
        bus = MessageBus(bus_address=address)
        await bus.connect()
    except (OSError, EOFError, DBusError) as error:
        raise _none(address, error) from error

    async def advertise(packet: Advertisement) -> None:
        call = Message(
            destination=BLUEZ,
            path=AIR_PATH,
            interface=AIR_INTERFACE,
            member="Advertise",
            signature=ADVERTISE,
            body=[
                packet.address,
                packet.rssi_dbm,
                list(packet.service_uuids),
                dict(packet.service_data),
            ],
        )
        try:
            reply = await bus.call(call)
        except (OSError, EOFError) as error:
            raise _none(address, error) from error
        if reply.message_type is not MessageType.METHOD_RETURN:
            raise _none(address, reply.error_name)

    try:
        yield advertise
    finally:
        await close(bus)


def _none(address: str, found: object) -> DeviceUnavailableError:
    return DeviceUnavailableError(
        f"wanted a simulated radio on the bus at {address}, got {found}; start one with "
        "`edge phone beacon` without --bus"
    )
