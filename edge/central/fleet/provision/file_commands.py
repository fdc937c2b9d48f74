"""The commands that make files: certificates of servers and of central's own clients, a broker's."""

from pathlib import Path

import click

from edge.central.fleet.provision.acl import shop_acl
from edge.central.fleet.provision.authority import (
    certificate_pem,
    key_pem,
    requested_key,
)
from edge.central.fleet.provision.broker_files import CENTRAL, SHOP, BrokerPlace, filled
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.provision.command_options import CONFIG, OUT, PATH, desk_of
from edge.central.fleet.provision.desk import SHARE
from edge.central.fleet.provision.names import CentralRole, central_name
from edge.central.fleet.provision.whole_files import SECRET, put, secret_in
from edge.core.shipped import shipped


@click.command("server-cert")
@CONFIG
@OUT
@click.option("--csr", type=PATH, help="A request made where the key is; else a key is made here.")
@click.argument("hosts", nargs=-1, required=True)
def server_cert(config: Path, out: Path, csr: Path | None, hosts: tuple[str, ...]) -> None:
    """Make the certificate of a broker or web server that answers at HOSTS."""
    desk = desk_of(config)
    authority = desk.authority()
    out.mkdir(parents=True, exist_ok=True)
    if csr is not None:
        public = requested_key(csr.read_bytes())
    else:
        key = new_key()
        public = key.public_key()
        put(out / "server.key", key_pem(key), SECRET)
    put(out / "server.crt", certificate_pem(authority.server(hosts, public, desk.clock())))
    put(out / "ca.crt", authority.pem)
    click.echo(f"made server.crt for {', '.join(hosts)} in {out}")


@click.command("client-cert")
@CONFIG
@OUT
@click.argument("name")
def client_cert(config: Path, out: Path, name: str) -> None:
    """Make the certificate of one of central's own clients, such as bridge-1 or ops."""
    desk = desk_of(config)
    _, role = central_name(name)
    authority, key = desk.authority(), new_key()
    made = authority.central(name, key.public_key(), desk.clock())
    out.mkdir(parents=True, exist_ok=True)
    with desk.ledger() as ledger:
        ledger.put_certificate(made, is_central=True)
        ledger.log("issued", name, f"as {role}", desk.clock())
    put(out / f"{name}.key", key_pem(key), SECRET)
    put(out / f"{name}.crt", certificate_pem(made))
    put(out / "ca.crt", authority.pem)
    share = desk.authority_folder / SHARE
    if role is CentralRole.BRIDGE and share.exists():
        put(out / SHARE, secret_in(share), SECRET)
    with desk.ledger() as ledger:
        desk.told().tell(ledger, authority, desk.clock())
    click.echo(f"made {name}.crt and {name}.key in {out}")


@click.command("broker-files")
@CONFIG
@OUT
@click.option("--site", help="The own broker of this shop; without it, central's.")
@click.option("--data", type=PATH, default=Path("/var/lib/mosquitto"), show_default=True)
@click.option("--port", default=8883, show_default=True)
@click.option("--address", default="0.0.0.0", show_default=True)  # noqa: S104 - shops come from outside
def broker_files(config: Path, out: Path, site: str | None, **given: object) -> None:
    """Fill in the delivered Mosquitto file; `server-cert --out` puts the certificate beside it."""
    desk = desk_of(config)
    place = BrokerPlace(
        folder=out.absolute(),
        data=Path(str(given["data"])),
        port=int(str(given["port"])),
        address=str(given["address"]),
    )
    template = shipped(SHOP if site else CENTRAL).read_text("utf-8")
    out.mkdir(parents=True, exist_ok=True)
    put(out / "mosquitto.conf", filled(template, place).encode())
    if site is not None:
        with desk.ledger() as ledger:
            acl = shop_acl(desk.settings.tenant, site, ledger.enrolled())
            revoked = ledger.revoked(desk.clock())
        put(out / "acl", acl.encode())
        put(out / "crl.pem", desk.authority().revocations(revoked, desk.clock()))
    click.echo(f"wrote {out}/mosquitto.conf")
