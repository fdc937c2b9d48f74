"""The command ``edge``: everything a person can ask of the appliance from a shell.

Groups that belong to the central side (``fleet``, ``bridge``) join by name
(``joined_commands.py``): this module imports none of them and a device need not carry them.
"""

import sys

import click

from edge.app.approve_command import approve
from edge.app.audit_command import audit
from edge.app.codes_command import codes
from edge.app.demo.command import demo
from edge.app.doctor_command import doctor
from edge.app.enrol_command import enrol_machine
from edge.app.gate_command import gate
from edge.app.joined_commands import WithJoined
from edge.app.model_commands import model
from edge.app.phone_beacon_command import beacon
from edge.app.phone_commands import phone
from edge.app.preview_command import preview
from edge.app.profiles_command import profiles
from edge.app.record_commands import explain, replay
from edge.app.releases.command import release
from edge.app.run_commands import run
from edge.app.schemas_command import schemas
from edge.app.site_commands import site
from edge.app.staff_commands import staff
from edge.app.tickets.replay_tickets import replay_tickets
from edge.core.errors import EdgeError


@click.group(
    cls=WithJoined,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="instore-edge", prog_name="edge")
def edge() -> None:
    """Personalization that decides on the device and asks before it recognises anyone."""


phone.add_command(beacon)
site.add_command(approve)
site.add_command(schemas)
site.add_command(preview)
site.add_command(gate)
_LOOKING = (explain, doctor, codes, audit, release)
_MAKING = (site, model, phone, staff, profiles, enrol_machine)
for command in (run, demo, replay, replay_tickets, *_LOOKING, *_MAKING):
    edge.add_command(command)


def main() -> None:
    """Run the command line; our own errors are one message and exit code 1, no traceback."""
    try:
        edge(prog_name="edge")
    except EdgeError as error:
        click.echo(f"edge: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
