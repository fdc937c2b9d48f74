"""``edge bridge``: carry events from the broker to the customer-data platform."""

import click

from edge.central.bridge.dead_commands import dead
from edge.central.bridge.retain_command import retain
from edge.central.bridge.run_command import run
from edge.central.bridge.stat_command import stat
from edge.central.customers.command import customers


@click.group()
def bridge() -> None:
    """Carry events from the broker to the customer-data platform, and its word back."""


for command in (run, dead, stat, retain, customers):
    bridge.add_command(command)
