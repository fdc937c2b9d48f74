"""The options that the commands about provisioning have in common."""

from pathlib import Path
from typing import Final

import click

from edge.central.fleet.provision.desk import Desk
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock

PATH: Final = click.Path(path_type=Path)
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("/etc/instore-central/central.toml"),
    show_default=True,
    envvar="EDGE_CENTRAL_CONFIG",
    help="Central's settings.",
)
OUT = click.option("--out", type=PATH, required=True, help="The folder for the files.")


def desk_of(config: Path) -> Desk:
    """Return the desk that the settings in ``config`` describe.

    Raises:
        SettingsContractError: The settings cannot be read or have mistakes.
    """
    return Desk(CentralSettings.read(config), system_clock)
