"""``edge bridge run``: one worker, until it is told to end."""

import logging
import signal
import threading
from pathlib import Path

import click

from edge.central.bridge.command_options import config_option, plan_of
from edge.central.bridge.service import calm_the_collector
from edge.central.bridge.service import run as run_bridge
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import system_clock


@click.command()
@config_option
@click.option(
    "--worker",
    required=True,
    help="Its name and client id, such as bridge-1. Keep it: what waits for it at the broker, and "
    "with mutual TLS its certificate, have this name.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    help="Serve /metrics on this port of 127.0.0.1; 0 takes a free one.",
)
def run(config: Path, worker: str, metrics_port: int | None) -> None:
    """Take events from the broker, keep them, and only then acknowledge them.

    May be killed at any moment. Start a second one, under another name, for more throughput.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = CentralSettings.read(config)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    calm_the_collector()
    run_bridge(plan_of(settings, worker, metrics_port), system_clock, system_chance, stopped)
