"""``edge phone beacon``: the beacon of a simulated phone, heard by a simulated radio.

The service finds that radio as it finds a real one, when it is started with the address that
is printed here. Several phones may be heard by one radio: give the others ``--bus``.
"""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from edge.app.phone_commands import simulated_phone
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError
from edge.devices.air import Advertisement
from edge.devices.private_bus import SYSTEM_BUS, PrivateBus
from edge.devices.remote_air import remote_air
from edge.devices.simulated_radio import SimulatedRadio
from edge.devices.simulated_walk import Walk
from edge.identity.beacon import uuid_of
from edge.identity.simulated_phone import SimulatedPhone

ADAPTER: Final = "hci0"
_ANDROID_UUID: Final = "0000fd3d-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked on the command line."""

    key: str | None = field(repr=False)
    is_new: bool
    group: int
    prefix: str
    carrier: str
    rssi: int
    is_walking: bool
    every_ms: int
    seconds: float | None
    bus: str | None


@click.command()
@click.option("--key", metavar="HEX", help="The phone's key: 64 hexadecimal digits.")
@click.option("--new", "is_new", is_flag=True, help="Make a key, and print it to use again.")
@click.option("--group", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--prefix", metavar="HEX", default="6b629a41", show_default=True)
@click.option("--as", "carrier", type=click.Choice(["iphone", "android"]), default="iphone")
@click.option("--rssi", type=click.IntRange(-100, -20), default=-55, help="Strength at the screen.")
@click.option("--walk", "is_walking", is_flag=True, help="Come, stand there for 20 s, go, repeat.")
@click.option("--every-ms", type=click.IntRange(20, 10_000), default=200, show_default=True)
@click.option("--seconds", type=float, help="End after so long; else Ctrl-C ends it.")
@click.option("--bus", metavar="ADDRESS", help="A radio that another `edge phone beacon` started.")
def beacon(**given: object) -> None:
    """Send a phone's beacon to a simulated radio, which is started too unless --bus names one."""
    asked = Asked(**given)  # type: ignore[arg-type] # click's options are Asked's fields
    prefix = _prefix(asked.prefix)
    sender = simulated_phone(asked.key, is_new=asked.is_new, group=asked.group, prefix=prefix)
    with ExitStack() as stack:
        stack.enter_context(_ending_in_order())
        address = asked.bus or stack.enter_context(_radio())
        asyncio.run(_send(sender, asked, address))


@contextmanager
def _radio() -> Iterator[str]:
    """Start a bus and a simulated radio on it; say how the service finds it."""
    with tempfile.TemporaryDirectory(prefix="edge-radio-") as folder, ExitStack() as stack:
        bus = PrivateBus(Path(folder))
        bus.start()
        stack.callback(bus.stop)
        radio = SimulatedRadio(bus.address, system_clock, adapter=ADAPTER)
        radio.start()
        stack.callback(radio.stop)
        click.echo(f"{SYSTEM_BUS}={bus.address}")
        click.echo(
            f'Start the service with it, and adapter = "{ADAPTER}" in its profile.', err=True
        )
        yield bus.address


async def _send(sender: SimulatedPhone, asked: Asked, address: str) -> None:
    walk = Walk(asked.rssi, is_walking=asked.is_walking)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    before, mac = b"", ""
    async with remote_air(address) as advertise:
        while asked.seconds is None or loop.time() - began_s < asked.seconds:
            frame = sender.frame(system_clock())
            if frame != before:
                before, mac = frame, _new_address()
            rssi_dbm = walk.dbm_at(loop.time() - began_s, system_chance)
            await advertise(_packet(frame, mac, rssi_dbm, asked.carrier))
            await asyncio.sleep(asked.every_ms / 1000)


def _packet(frame: bytes, mac: str, rssi_dbm: int, carrier: str) -> Advertisement:
    if carrier == "iphone":
        return Advertisement(mac, rssi_dbm, (uuid_of(frame),))
    return Advertisement(mac, rssi_dbm, (), {_ANDROID_UUID: frame})


def _new_address() -> str:
    """Return a random address: a phone changes it together with its token."""
    return ":".join(f"{each:02X}" for each in (system_chance(1)[0] | 0xC0, *system_chance(5)))


def _prefix(text: str) -> bytes:
    try:
        prefix = bytes.fromhex(text)
    except ValueError:
        prefix = b""
    if len(prefix) != 4:
        msg = f'wanted 8 hexadecimal digits in --prefix, found "{text}"; take the profile\'s'
        raise RequestContractError(msg)
    return prefix


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end it without a traceback, and never without ending the bus."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
