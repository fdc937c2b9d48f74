"""``edge bridge stat``: what has come, what is missing, and how far the platform is behind."""

import json
from pathlib import Path
from typing import Final, LiteralString

import click

from edge.central.bridge.command_options import config_option
from edge.central.bridge.tables import opened
from edge.central.fleet.ops_options import print_table
from edge.central.postgres import storing
from edge.central.settings import CentralSettings
from edge.core.clock import system_clock

_COLUMNS: Final = (
    *("site", "device", "lane", "epoch", "contiguous", "highest"),
    *("arrived", "missing", "reported_dropped", "unexplained", "reused"),
)
_STREAMS: Final[LiteralString] = """
SELECT site, device, lane, epoch, contiguous_seq, highest_seq, arrived, highest_seq - arrived,
       dropped, greatest(highest_seq - arrived - dropped, 0), reused
FROM high_water
WHERE device = coalesce(%s, device) AND (NOT %s OR highest_seq - arrived - dropped > 0 OR reused > 0)
ORDER BY greatest(highest_seq - arrived - dropped, 0) DESC, site, device, lane LIMIT %s
"""
_TOTALS: Final[LiteralString] = """
SELECT (SELECT coalesce(sum(arrived), 0)::bigint FROM high_water),
       (SELECT count(*) FROM dead_letter),
       (SELECT coalesce(pg_sequence_last_value('event_row'), 0) - row_id FROM platform_cursor)
"""


@click.command()
@config_option
@click.option("--device", help="Of this device only.")
@click.option("--gaps", is_flag=True, help="Only streams with something missing and unexplained.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def stat(config: Path, device: str | None, gaps: bool, limit: int, as_json: bool) -> None:
    """Say what has come of each stream, and what is missing.

    A number can be missing because it is still on its way, or because the device had to drop it
    and said so; what is left is unexplained.
    """
    settings = CentralSettings.read(config)
    with storing(), opened(settings.database, system_clock) as con:
        streams = con.execute(_STREAMS, (device, gaps, limit)).fetchall()
        row = con.execute(_TOTALS).fetchone()
    arrived, dead, behind = row or (0, 0, None)
    if as_json:
        totals = {"events": arrived, "dead_letters": dead, "platform_behind": behind}
        found = [dict(zip(_COLUMNS, stream, strict=True)) for stream in streams]
        click.echo(json.dumps(totals | {"streams": found}))
        return
    names = [*_COLUMNS[:4], *(f"#{name.replace('_', ' ')}" for name in _COLUMNS[4:])]
    print_table("Streams", names, streams)
    waiting = "no platform" if behind is None else f"the platform is {behind} rows behind"
    click.echo(f"{arrived} events, {dead} dead letters, {waiting}")
