"""``edge fleet halt``: one word that stops every rollout."""

import click

from edge.central.fleet.ops_options import JSON, SETTINGS, WHO, WHY, print_json, rollouts_of
from edge.central.settings import CentralSettings


@click.command()
@SETTINGS
@WHO
@WHY
@JSON
def halt(settings: CentralSettings, who: str, why: str, *, as_json: bool) -> None:
    """Stop every rollout of every package at once: no device begins anything any more."""
    _set(settings, who, why, halted=True, as_json=as_json)


@click.command()
@SETTINGS
@WHO
@WHY
@JSON
def unhalt(settings: CentralSettings, who: str, why: str, *, as_json: bool) -> None:
    """End a halt; each wave's time begins anew."""
    _set(settings, who, why, halted=False, as_json=as_json)


def _set(settings: CentralSettings, who: str, why: str, *, halted: bool, as_json: bool) -> None:
    changed = rollouts_of(settings).halt(who, why, halted=halted)
    if as_json:
        print_json({"halted": halted, "changed": changed})
        return
    word = "halted" if halted else "no longer halted"
    click.echo(f"{word}: {', '.join(changed) or 'nothing changed'}")
