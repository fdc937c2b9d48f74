"""``edge fleet publish`` and ``edge fleet refresh``: the online work, on central's server."""

import sys
from pathlib import Path
from typing import Final

import click

from edge.central.fleet.releases.command_options import PENDING, SETTINGS
from edge.central.fleet.releases.holding import holdings
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.pending import Pending
from edge.central.fleet.releases.repository import Repository
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock
from edge.core.errors import SettingsContractError

RENEW_SOON: Final = 3
"""The exit code of ``refresh`` when keepers have to meet; a timer's alarm can tell it from 1."""


@click.command()
@SETTINGS
@PENDING
def publish(settings: Path, pending: Path) -> None:
    """Take in what enough keepers have signed; refuse what devices could not go on with."""
    repository = open_repository(CentralSettings.read(settings))
    changed = repository.publish(Pending(pending))
    state = repository.state()
    for role in changed:
        click.echo(f"published {role} version {state.of(role).signed.version}")
    if not changed:
        click.echo("nothing is pending that was not published before")


@click.command()
@SETTINGS
def refresh(settings: Path) -> None:
    """Sign again what the online keys signed more than a day ago; run it every day.

    Exit code 3: done, but an offline role has a third of its life left or less.
    """
    repository = open_repository(CentralSettings.read(settings))
    signed = repository.refresh_online()
    click.echo(f"signed again: {', '.join(signed) or 'nothing, all is of today'}")
    found = holdings(repository.state(), system_clock())
    for one in found:
        click.echo(one.to_text(), err=one.is_short)
    if any(one.is_short and not one.role.is_online for one in found):
        sys.exit(RENEW_SOON)


def open_repository(settings: CentralSettings) -> Repository:
    """Return the repository of central's settings, with its online keys.

    Raises:
        SettingsContractError: They name no folder of online keys.
    """
    if settings.keys.online is None:
        msg = "wanted keys.online in central's settings, got nothing; see edge/docs/ceremony.md"
        raise SettingsContractError(msg)
    return Repository(settings.repository, KeyFolder(settings.keys.online), system_clock)
