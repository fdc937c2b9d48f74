"""``edge fleet serve``: the fleet's server with its pages; ``edge fleet token``: who may use them."""

import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from edge.central.fleet.ops_options import person_name
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.repository import Repository
from edge.central.fleet.rollout.stepping import EVERY_S
from edge.central.fleet.server import FleetServer, online_keys
from edge.central.fleet.web.app import create_fleet_app
from edge.central.fleet.web.people import People, Person, Role, line_of, new_token
from edge.central.fleet.web.running import FleetRun
from edge.central.fleet.web.serving import Around, FleetListener, fleet_parts
from edge.central.my_data.tagging import Tagging
from edge.central.settings import CentralSettings
from edge.central.settings_option import settings_option
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import SettingsContractError

DIED = 1
"""The exit code when a thread ended by itself: start it again."""


_FILE: Final = settings_option("path")


@click.command()
@_FILE
@click.option("--port", type=int, help="Instead of serve.port; 0: any that is free.")
@click.option("--every", "every_s", type=float, default=EVERY_S, help="Seconds between steps.")
def serve(path: Path, port: int | None, every_s: float) -> None:
    """Hear devices, step rollouts, publish, enrol, serve the repository, and show it all."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("tuf").setLevel(logging.WARNING)  # a keeper who did not sign is no news
    settings = CentralSettings.read(path, {"serve.port": port})
    server = FleetServer(settings, system_clock, system_chance, every_s=every_s)
    repository = Repository(settings.repository, KeyFolder(online_keys(settings)), system_clock)
    run = FleetRun(server, repository, system_clock)
    parts = fleet_parts(settings, Around(system_clock, system_chance, run.now))
    tagging = None if parts.my_data is None else Tagging(parts.my_data.tag_new)
    listener = FleetListener(create_fleet_app(parts), settings.serve)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: listener.stop())
    run.start()
    if tagging is not None:
        tagging.start()
    click.echo(f"the fleet is at {listener.url}/")
    try:
        listener.run(lambda: run.has_died)
    finally:
        has_died = run.has_died
        listener.close()
        if tagging is not None:
            tagging.stop()
        run.stop()
    if has_died:
        sys.exit(DIED)


@click.command()
@_FILE
@click.argument("name", callback=lambda _ctx, _param, name: person_name(name))
@click.option("--role", type=click.Choice([one.value for one in Role]), required=True)
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
def token(path: Path, name: str, role: str, days: int) -> None:
    """Let NAME sign in at `edge fleet serve`, as viewer, operator or approver, for so many days.

    Prints the token once and keeps its hash. A line taken out of the file ends it at once.
    """
    file = CentralSettings.read(path).serve.token_file
    if file is None:
        msg = "serve.token_file: wanted where the tokens' hashes are kept, got none"
        raise SettingsContractError(msg)
    if file.exists():
        People(file)  # or its mistakes
    made = new_token(system_chance)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as lines:
        until = system_clock().date() + timedelta(days=days)
        lines.write(f"{line_of(Person(name, Role(role)), made, until)}\n")
    click.echo(made)
