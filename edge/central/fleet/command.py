"""``edge fleet``: everything central ops can ask and do; each group lives with what it is about."""

import click

from edge.central.fleet.releases.key_commands import keys
from edge.central.fleet.releases.publish_commands import publish, refresh
from edge.central.fleet.releases.sign_command import sign


@click.group()
def fleet() -> None:
    """Sign, publish, roll out, watch and halt, over all shops."""


for command in (keys, sign, publish, refresh):
    fleet.add_command(command)
