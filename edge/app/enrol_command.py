"""``edge enrol``: this machine joins the fleet, with a claim that works once."""

import tomllib
from pathlib import Path
from typing import Any

import click

from edge.app.enrol import Asked, enrol
from edge.app.enrol_over_https import poster
from edge.app.shipped import shipped
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, UnavailableError

_PATH = click.Path(path_type=Path)
_ROOT = "firmware_config/trust/root.json"


@click.command("enrol")
@click.option("--claim", required=True, help="The claim, or the file with it (claim.toml).")
@click.option("--central", help="Where to enrol, https://…; if the file does not say.")
@click.option("--ca", type=_PATH, help="The authority's certificate; if the file has none.")
@click.option("--root", type=_PATH, help="The root.json to pin; if the file has none.")
@click.option("--data", type=_PATH, default=Path("/var/lib/instore-edge"), show_default=True)
def enrol_machine(claim: str, data: Path, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Join the fleet: make a key here, get a certificate for it, write <data>/device.toml.

    Safe to run again with the same claim, within the hour, after a power cut.
    """
    found = _claim_file(claim)
    central = given["central"] or found.get("central", "")
    ca_pem = _bytes("--ca", given["ca"]) if given["ca"] else found.get("ca", "").encode()
    if not central or not ca_pem:
        msg = "wanted --central URL and --ca FILE, or a claim file with both; got neither"
        raise RequestContractError(msg)
    root = _bytes("--root", given["root"]) if given["root"] else _root(found.get("root", ""))
    asked = Asked(found.get("claim", claim), central, ca_pem, root)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    joined = enrol(asked, data, poster(central, ca_pem), system_clock)
    click.echo(
        f"this machine is {joined.device} of {joined.site} ({joined.tenant}); "
        f"settings are in {joined.overlay}. Start the service again"
    )


def _claim_file(claim: str) -> dict[str, str]:
    path = Path(claim)
    try:
        if not path.is_file():
            return {}
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"--claim: wanted a claim or a claim file, got {type(error).__name__} at {path}"
        raise RequestContractError(msg) from error
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _root(found: str) -> bytes | None:
    if found:
        return found.encode()
    try:
        return shipped(_ROOT).read_bytes()
    except UnavailableError:
        return None


def _bytes(option: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{option}: wanted a file that can be read, got {error.strerror} at {path}"
        raise RequestContractError(msg) from error
