"""The options that the commands about provisioning have in common."""

from pathlib import Path
from typing import Final

import click

from edge.central.fleet.provision.desk import Desk
from edge.central.settings import CentralSettings
from edge.central.settings_option import settings_option
from edge.core.clock import system_clock

PATH: Final = click.Path(path_type=Path)
CONFIG: Final = settings_option("config")
OUT = click.option("--out", type=PATH, required=True, help="The folder for the files.")


def desk_of(config: Path) -> Desk:
    """Return the desk that the settings in ``config`` describe.

    Raises:
        SettingsContractError: The settings cannot be read or have mistakes.
    """
    return Desk(CentralSettings.read(config), system_clock)
