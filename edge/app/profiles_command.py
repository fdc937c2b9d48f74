"""``edge profiles …``: hand a stopped service central's word about customers, without a broker.

The files are the very messages that come over ``…/down/profile``: sealed to this device, read
by nobody on the way, and taken by the same code.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import click

from edge.app.recognition.runtime import Ground, Recognising, build_recognition
from edge.app.run_commands import read_settings, read_site
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, TrustError
from edge.store.store import Store
from edge.wire.cloudevents import ClockState, Origin

CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), help="A profile; the kiosk's if none."
)
SITE = click.option("--site", type=click.Path(path_type=Path), help="The shop's folder.")
DATA = click.option("--data", type=click.Path(path_type=Path), help="Where the database lives.")


@click.group()
def profiles() -> None:
    """Take customers' profiles and day keys from files; the service must be stopped."""


@profiles.command()
@CONFIG
@DATA
def key(config: Path | None, data: Path | None) -> None:
    """Print the public key that messages to this device are sealed to."""
    click.echo(exchange_key(config, data).hex())


@profiles.command()
@click.argument("messages", nargs=-1, required=True, type=click.Path(path_type=Path))
@CONFIG
@SITE
@DATA
def take(messages: tuple[Path, ...], config: Path | None, **folders: Path | None) -> None:
    """Take the profile messages in the files MESSAGES, as if they had come from the broker."""
    click.echo(f"{take_messages(messages, config, **folders)} customers can be recognised")


def exchange_key(config: Path | None, data: Path | None = None) -> bytes:
    """Return the public key of the device whose data is in ``data``, or where ``config`` says.

    Raises:
        StorageUnavailableError: The service is running there.
    """
    settings = read_settings(config, "kiosk", {"data": data})
    with _store(settings.data_folder) as store:
        return store.keys.exchange_key


def take_messages(messages: Sequence[Path], config: Path | None, **folders: Path | None) -> int:
    """Take profile messages, and return how many customers can be recognised then.

    Raises:
        StorageUnavailableError: The service is running there.
        RequestContractError: A file cannot be read, or nobody is recognised here.
        WireContractError: A file is not a profile message.
        TrustError: It is not sealed to this device.
    """
    with _recognising(config, folders) as built:
        for path in messages:
            try:
                payload = path.read_bytes()
            except OSError as error:
                msg = f"wanted a profile message in {path}, cannot read it: {error.strerror}"
                raise RequestContractError(msg) from error
            built.from_central.profile(payload)
        return len(built.known)


@contextmanager
def _recognising(config: Path | None, folders: dict[str, Path | None]) -> Iterator[Recognising]:
    settings = read_settings(config, "kiosk", dict(folders))
    site = read_site(settings)
    if not settings.recognition.on or site.header.controller is None:
        msg = (
            "wanted an appliance that recognises customers, it is switched off here; set `on` "
            "under [recognition] in the profile, and name the controller in site.yaml"
        )
        raise RequestContractError(msg)
    with _store(settings.data_folder) as store:

        def clock_state() -> ClockState:
            return "rtc"

        release = version("instore-edge")
        origin = Origin(site.header.site, settings.device_id, release, clock_state)
        wanted = settings.recognition
        ground = Ground(wanted, store, site, origin, system_clock, system_chance)
        built = build_recognition(ground, clock_state)
        built.known.tick()
        yield built


@contextmanager
def _store(folder: Path) -> Iterator[Store]:
    store = Store.open(folder, clock=system_clock, chance=system_chance)
    try:
        if store.keys.problem is not None:
            raise TrustError(store.keys.problem)
        yield store
    finally:
        store.close()
