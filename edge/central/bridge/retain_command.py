"""``edge bridge retain``: delete what is not kept any longer, now, or say what that would be."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from edge.central.bridge.command_options import config_option, platform_of
from edge.central.bridge.housekeeping import note_run
from edge.central.bridge.retention import Retention
from edge.central.bridge.retention_rows import retain as retain_rows
from edge.central.bridge.tables import opened
from edge.central.postgres import storing
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock

_WORDS: Final = {
    "days": "whole days",
    "rows": "events out of days that stay",
    "moved": "events kept longer than their day",
    "held": "days held, because the platform has not had them",
    "others": "dead letters, words on health, answers to commands",
}


@click.command()
@config_option
@click.option("--dry-run", "is_dry", is_flag=True, help="Change nothing.")
def retain(config: Path, is_dry: bool) -> None:
    """Delete what is kept no longer, as the data map says; `edge bridge run` does so once a day.

    May be stopped at any moment, and run again.
    """
    settings, now = CentralSettings.read(config), system_clock()
    has_platform = platform_of(settings) is not None
    with storing(), opened(settings.database, system_clock) as con:
        con.autocommit = True
        done = retain_rows(con, Retention.shipped(), now, has_platform=has_platform, is_dry=is_dry)
        if not is_dry:
            note_run(con, now)
    click.echo("this would go:" if is_dry else "this is gone:")
    for name, count in asdict(done).items():
        click.echo(f"{count:>12}  {_WORDS[name]}")
