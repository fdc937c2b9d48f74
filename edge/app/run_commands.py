"""``edge run``: start the service and keep it until it is told to stop."""

import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import click

from edge.app.at_start.begin import begin, read_site
from edge.app.at_start.next_start import EXIT_CODE
from edge.app.profile import read_profile
from edge.app.server import Server, bind
from edge.app.settings import Settings
from edge.app.wiring import Appliance, build_begun
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import SettingsContractError

__all__ = ["read_settings", "read_site", "run", "serve"]


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="A profile; the kiosk's if none.")
@click.option("--site", type=click.Path(path_type=Path), help="The shop's folder.")
@click.option("--data", type=click.Path(path_type=Path), help="Where the database lives.")
@click.option("--model", type=click.Path(path_type=Path), help="The model package's folder.")
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.")
@click.option("--mqtt", metavar="HOST:PORT", help="The broker; none: events wait in the outbox.")
@click.option("--device", help="The device's name.")
@click.option("--clock", type=click.Choice(["system", "request"]), help="request: for replays.")
def run(config: Path | None, **given: object) -> None:
    """Run the appliance with a profile, until it is told to stop.

    Exit code 75: a release takes effect with the next start; systemd starts it again at once.
    """
    profile = read_profile(config, "kiosk", _overrides(given))
    with bind(profile.settings().listen) as bound:
        begun = begin(profile, system_clock())
        appliance = build_begun(begun, clock=system_clock, chance=system_chance)
        serve(appliance, bound)
    if appliance.restart.why:
        sys.exit(EXIT_CODE)


def _overrides(given: dict[str, object]) -> dict[str, object]:
    names = {
        "site": "site_folder",
        "data": "data_folder",
        "model": "model_folder",
        "port": "listen.port",
        "device": "device_id",
        "clock": "clock",
    }
    found = {
        names[key]: value for key, value in given.items() if key in names and value is not None
    }
    broker = given.get("mqtt")
    if broker is not None:
        host, _, port = str(broker).rpartition(":")
        if not host or not port.isdigit():
            msg = f"--mqtt: wanted HOST:PORT such as 127.0.0.1:1883, got {str(broker)!r}"
            raise SettingsContractError(msg)
        found |= {"mqtt.host": host, "mqtt.port": int(port)}
    return found


def read_settings(config: Path | None, profile: str, given: dict[str, object]) -> Settings:
    """Return a profile's settings, with what enrolling settled and then the command line on top.

    Raises:
        SettingsContractError: The profile cannot be read or has mistakes.
    """
    return read_profile(config, profile, _overrides(given)).settings()


def serve(
    appliance: Appliance, bound: socket.socket, *, welcome: Callable[[str], None] | None = None
) -> None:
    """Serve on ``bound`` until told to stop; ``welcome`` is called with the address."""
    logging.basicConfig(
        level=appliance.settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    server = Server(appliance.app, appliance.settings.listen, bound)
    # What was built stays for good: the garbage collector need not walk it at every turn.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    appliance.restart.end = server.stop
    appliance.start()
    try:
        if welcome is not None:
            welcome(server.url)
        else:
            logging.getLogger(__name__).info("listening on %s", server.url)
        server.run()
    finally:
        appliance.stop(server.close)
        click.echo("stopped; nothing is lost")
