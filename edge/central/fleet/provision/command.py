"""``edge fleet provision``: who belongs to the fleet, and the files that say so."""

from datetime import timedelta
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from edge.central.fleet.provision.acl import shop_acl
from edge.central.fleet.provision.authority import Authority
from edge.central.fleet.provision.claim_files import (
    CLOUD_INIT,
    FILE_NAME,
    Handout,
    claim_file,
    cloud_init,
    for_terminal,
    svg,
)
from edge.central.fleet.provision.claims import Place, hash_of, new_claim
from edge.central.fleet.provision.command_options import CONFIG, PATH, desk_of
from edge.central.fleet.provision.desk import SHARE, Desk, newest_root
from edge.central.fleet.provision.file_commands import broker_files, client_cert, server_cert
from edge.central.fleet.provision.rollover_commands import (
    ca_next,
    ca_retire,
    ca_status,
    ca_switch,
)
from edge.central.fleet.provision.whole_files import SECRET, put
from edge.core.chance import system_chance
from edge.core.errors import RequestContractError
from edge.core.shipped import shipped


@click.group()
def provision() -> None:
    """Let devices join, see who belongs, throw out who is lost."""


@provision.command("ca-init")
@CONFIG
def ca_init(config: Path) -> None:
    """Make the fleet's certificate authority, once."""
    desk = desk_of(config)
    folder = desk.authority_folder
    Authority.make(folder, desk.settings.tenant, desk.clock())
    put(folder / SHARE, f"cdp-{system_chance(12).hex()}\n".encode(), SECRET)
    click.echo(f"made {folder}/ca.crt, ca.key and share; keep a copy of the folder in a safe")


@provision.command()
@CONFIG
@click.argument("site")
@click.argument("device")
@click.option("--ring", default="stable", show_default=True, help="Whose releases it gets.")
@click.option("--hours", default=72, show_default=True, help="How long the claim works.")
@click.option("--replace", is_flag=True, help="The device exists: this machine takes its place.")
@click.option("--svg", "picture", type=PATH, help="FILE.svg for the QR code.")
@click.option("--usb", type=PATH, help="A folder, such as a USB stick, for claim.toml.")
@click.option("--cloud-init", "user_data", type=PATH, help="FILE for the machine's user-data.")
def claim(config: Path, site: str, device: str, **given: object) -> None:
    """Make a claim: it lets one machine become DEVICE at SITE, once."""
    desk = desk_of(config)
    handing = desk.settings.provision
    root = newest_root(desk.settings).decode() if handing.repository_url else ""
    place = Place(site, device, str(given["ring"]))
    made = new_claim(place, timedelta(hours=int(str(given["hours"]))), desk.clock(), system_chance)
    with desk.ledger() as ledger:
        member = ledger.member(device)
        if member is not None and member.revoked_at is None and not given["replace"]:
            msg = f"wanted a new device, {device} belongs to {member.place.site}; see --replace"
            raise RequestContractError(msg)
        ledger.add_claim(made, hash_of(made.text), desk.clock())
    _hand_out(Handout(made, handing.enrol_url, desk.authority().pem.decode(), root), given)


@provision.command("list")
@CONFIG
def list_devices(config: Path) -> None:
    """List every device that was ever enrolled."""
    desk = desk_of(config)
    with desk.ledger() as ledger:
        members = ledger.members()
    table = Table("device", "site", "ring", "enrolled", "certificate until", box=box.SIMPLE_HEAD)
    for one in members:
        until = "revoked" if one.revoked_at else "none"
        if one.expires_at is not None and one.revoked_at is None:
            until = f"{one.expires_at:%d %b %Y}"
        place = one.place
        table.add_row(place.device, place.site, place.ring, f"{one.enrolled_at:%d %b %Y}", until)
    Console().print(table)


@provision.command()
@CONFIG
@click.argument("name")
def revoke(config: Path, name: str) -> None:
    """Throw out NAME, a device or one of central's own clients; it is silenced at once."""
    desk = desk_of(config)
    with desk.ledger() as ledger:
        count = ledger.revoke(name, desk.clock())
    with desk.ledger() as ledger:
        desk.told().tell(ledger, desk.authority(), desk.clock())
    click.echo(f"{name} is out: {count} certificates revoked")


@provision.command("renew-check")
@CONFIG
@click.option("--days", default=20, show_default=True, help="Look so far ahead.")
def renew_check(config: Path, days: int) -> None:
    """List devices whose certificates end soon: they renew 30 days before, so these did not."""
    desk = desk_of(config)
    with desk.ledger() as ledger:
        members = ledger.members()
    until = desk.clock() + timedelta(days=days)
    late = [
        one
        for one in members
        if one.revoked_at is None and (one.expires_at is None or one.expires_at < until)
    ]
    for one in late:
        ends = "without a certificate" if one.expires_at is None else f"{one.expires_at:%d %b %Y}"
        click.echo(f"{one.place.device}\t{one.place.site}\t{ends}")
    if late:
        raise click.exceptions.Exit(1)


@provision.command()
@CONFIG
@click.option("--site", help="Print the ACL of this shop's own broker instead.")
def acl(config: Path, site: str | None) -> None:
    """Write who may say what, and what is revoked, for central's broker."""
    desk = desk_of(config)
    with desk.ledger() as ledger:
        if site is not None:
            click.echo(shop_acl(desk.settings.tenant, site, ledger.enrolled()), nl=False)
            return
        has_changed = desk.told().tell(ledger, desk.authority(), desk.clock())
    click.echo(_told(desk) if has_changed else "nothing has changed")


def _told(desk: Desk) -> str:
    if desk.settings.provision.broker_pid_file is None:
        return "written; make the broker read it (SIGHUP), or name its provision.broker_pid_file"
    return "written, and the broker was told"


def _hand_out(handout: Handout, given: dict[str, object]) -> None:
    claim = handout.claim
    if given["picture"]:
        put(Path(str(given["picture"])), svg(claim).encode(), SECRET)
    if given["usb"]:
        put(Path(str(given["usb"])) / FILE_NAME, claim_file(handout).encode(), SECRET)
    if given["user_data"]:
        template = shipped(CLOUD_INIT).read_text("utf-8")
        put(Path(str(given["user_data"])), cloud_init(template, handout).encode(), SECRET)
    if not (given["picture"] or given["usb"] or given["user_data"]):
        click.echo(for_terminal(claim), nl=False)
        click.echo(claim.text)
        root = " --root root.json" if handout.root else ""
        url = handout.enrol_url or "URL"
        click.echo(f"edge enrol --claim … --central {url} --ca ca.crt{root}", err=True)
    elif not handout.enrol_url:
        click.echo("provision.enrol_url is empty: `edge enrol` needs --central URL", err=True)
    until = f"{claim.expires_at:%d %b %Y %H:%M} UTC"
    click.echo(f"works once, until {until}, for {claim.place.device}", err=True)


_ROLLOVER = (ca_next, ca_switch, ca_retire, ca_status)
for command in (broker_files, client_cert, server_cert, *_ROLLOVER):
    provision.add_command(command)
