"""``edge fleet``: everything central ops can ask and do; each group lives with what it is about."""

import click

from edge.central.demo.command import demo
from edge.central.fleet.devices import command as devices
from edge.central.fleet.provision.command import provision
from edge.central.fleet.releases.key_commands import keys
from edge.central.fleet.releases.publish_commands import publish, refresh
from edge.central.fleet.releases.sign_command import sign
from edge.central.fleet.rollout.command import rollout
from edge.central.fleet.rollout.halt_commands import halt, unhalt
from edge.central.fleet.serve_command import serve, token
from edge.central.fleet.simulate.command import simulate_command
from edge.central.fleet.watch_command import watch


@click.group()
def fleet() -> None:
    """Sign, publish, roll out, watch and halt, over all shops."""


for command in (keys, sign, publish, refresh):
    fleet.add_command(command)
for command in (rollout, halt, unhalt, watch, serve, token, simulate_command):
    fleet.add_command(command)
for command in (devices.status, devices.device, devices.logs, devices.command, devices.config):
    fleet.add_command(command)
for command in (provision, demo):
    fleet.add_command(command)
