"""The commands by which one authority follows another; edge/docs/ceremony.md says when to run each."""

from datetime import datetime
from pathlib import Path

import click

from edge.central.fleet.provision import rollover
from edge.central.fleet.provision.certificate import EARLY
from edge.central.fleet.provision.command_options import CONFIG, desk_of
from edge.central.fleet.provision.desk import Desk
from edge.core.errors import RequestContractError

_SHOWN = 20


@click.command("ca-next")
@CONFIG
def ca_next(config: Path) -> None:
    """Make the authority that is to follow; devices learn of it as they renew."""
    desk = desk_of(config)
    rollover.begin(desk.authority_folder, desk.settings.tenant, desk.clock())
    _tell(desk)
    click.echo("both are trusted, the first one signs; `ca-status` says how many devices know")


@click.command("ca-switch")
@CONFIG
def ca_switch(config: Path) -> None:
    """Let the following authority sign from now on."""
    desk = desk_of(config)
    begun = rollover.begun_at(desk.authority_folder)
    late = [] if begun is None else _without(desk, begun + EARLY)
    rollover.switch(desk.authority_folder, desk.clock())
    _tell(desk)
    click.echo("the following authority signs; the first one is still trusted")
    if late:
        click.echo(f"{len(late)} devices learn of it by themselves at their next try", err=True)


@click.command("ca-retire")
@CONFIG
@click.option("--leave-behind", is_flag=True, help="Devices without a new certificate as well.")
def ca_retire(config: Path, *, leave_behind: bool) -> None:
    """Trust the first authority no longer."""
    desk = desk_of(config)
    switched = rollover.switched_at(desk.authority_folder)
    late = [] if switched is None else _without(desk, switched)
    if late and not leave_behind:
        msg = (
            f"wanted every device to have a certificate of the new authority, {len(late)} have "
            f"none: {', '.join(late[:_SHOWN])}; wait, or enrol them anew after --leave-behind"
        )
        raise RequestContractError(msg)
    rollover.retire(desk.authority_folder)
    _tell(desk)
    click.echo("the first authority is gone")


@click.command("ca-status")
@CONFIG
def ca_status(config: Path) -> None:
    """Say how far a change of the authority has come."""
    desk = desk_of(config)
    folder = desk.authority_folder
    begun, switched = rollover.begun_at(folder), rollover.switched_at(folder)
    if begun is None:
        click.echo("one authority, no change under way")
        return
    late = _without(desk, switched or begun + EARLY)
    what = "a certificate of the new authority" if switched else "renewed since it was made"
    click.echo(f"{'the new one signs' if switched else 'the first one signs'}, both are trusted")
    click.echo(f"{len(late)} devices without {what}")
    for name in late[:_SHOWN]:
        click.echo(name)


def _without(desk: Desk, since: datetime) -> list[str]:
    with desk.ledger() as ledger:
        return ledger.not_renewed_since(since)


def _tell(desk: Desk) -> None:
    with desk.ledger() as ledger:
        desk.told().tell(ledger, desk.authority(), desk.clock())
