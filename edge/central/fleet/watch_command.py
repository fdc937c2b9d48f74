"""``edge fleet watch``: the fleet's server without its pages."""

import signal
import threading

import click

from edge.central.fleet.ops_options import SETTINGS
from edge.central.fleet.rollout.stepping import EVERY_S
from edge.central.fleet.server import FleetServer
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import UnavailableError


@click.command()
@SETTINGS
@click.option("--every", "every_s", type=float, default=EVERY_S, help="Seconds between steps.")
def watch(settings: CentralSettings, every_s: float) -> None:
    """Listen to devices, step rollouts, publish and send, until told to stop."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server = FleetServer(settings, system_clock, system_chance, every_s=every_s)
    server.start()
    click.echo("watching the fleet")
    while not stopping.wait(1.0) and server.is_alive:
        pass
    has_ended = not server.is_alive
    server.stop()
    if has_ended:
        msg = (
            "wanted the fleet watched until told to stop, got an end; see the log, and start again"
        )
        raise UnavailableError(msg)
