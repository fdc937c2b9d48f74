"""``edge phone …``: a simulated customer, for demos and for trying a shop's camera and radio.

The keys here stand for nobody. A real phone makes its own and gives it to no command line.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from edge.app.phone_codes import draw
from edge.core.chance import system_chance
from edge.core.clock import Clock, system_clock
from edge.core.errors import RequestContractError
from edge.identity.codes import Issuer
from edge.identity.day_keys import BEACON_KEY_BYTES
from edge.identity.simulated_phone import SimulatedPhone

REFRESH_S: Final = 15
"""A phone draws a new code so often (decided.md 31)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked on the command line."""

    key: str | None = field(repr=False)
    is_new: bool
    group: int
    kind: str
    issuer: str | None = field(repr=False)
    out: Path | None
    repeat: bool


@click.group()
def phone() -> None:
    """Play a customer's phone: draw its codes, send its beacon."""


@phone.command()
@click.option("--key", metavar="HEX", help="The phone's key: 64 hexadecimal digits.")
@click.option("--new", "is_new", is_flag=True, help="Make a key, and print it to use again.")
@click.option("--group", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--kind", type=click.Choice(["k1", "k4"]), default="k1", show_default=True)
@click.option("--issuer", metavar="ID:HEX", help="k4: key id and secret key of who vouches for it.")
@click.option("--out", type=click.Path(path_type=Path), help="FILE.svg or FILE.png to draw it in.")
@click.option("--repeat", is_flag=True, help="Draw a new one every 15 s until stopped.")
def show(**given: object) -> None:
    """Draw the code a phone shows now; without --out it is printed, to paste as a scanner would."""
    asked = Asked(**given)  # type: ignore[arg-type] # click's options are Asked's fields
    code = code_of(asked, system_clock)
    while True:
        if asked.out:
            draw(code(), asked.out)
        else:
            click.echo(code())
        if not asked.repeat:
            return
        time.sleep(REFRESH_S)


def code_of(asked: Asked, clock: Clock) -> Callable[[], str]:
    """Return what makes the phone's next code; says on stderr what is needed to use it again.

    Raises:
        RequestContractError: A key or an issuer is missing or not of the right length.
    """
    customer = simulated_phone(asked.key, is_new=asked.is_new, group=asked.group)
    if asked.kind == "k1":
        return lambda: customer.k1(clock(), system_chance)
    holder = customer.with_credential(_issuer(asked.issuer), clock(), system_chance)
    return lambda: holder.k4(clock(), system_chance)


def simulated_phone(
    key: str | None, *, is_new: bool, group: int, prefix: bytes = b""
) -> SimulatedPhone:
    """Return the phone with ``key``, or a new one.

    Raises:
        RequestContractError: There is neither a key nor the wish for a new one, or both.
    """
    if is_new == (key is not None):
        msg = "wanted either --key HEX or --new, found both or neither"
        raise RequestContractError(msg)
    beacon_key = _hex("--key", key, BEACON_KEY_BYTES) if key else system_chance(BEACON_KEY_BYTES)
    if is_new:
        click.echo(f"--key {beacon_key.hex()} is this phone again", err=True)
    return SimulatedPhone(beacon_key, group, prefix)


def _issuer(text: str | None) -> Issuer:
    """Return the issuer as written, or a new one, with what a shop needs to know it by."""
    if text is None:
        issuer = Issuer(system_chance(4), system_chance(32))
        again = f"{issuer.key_id.hex()}:{issuer.secret.hex()}"
        known = f"{issuer.key_id.hex()}:{issuer.public_key.hex()}"
        click.echo(f"--issuer {again} is this issuer again", err=True)
        click.echo(f'a shop knows it by: issuers = ["{known}"] under [recognition]', err=True)
        return issuer
    key_id, _, secret = text.partition(":")
    return Issuer(_hex("--issuer, before the colon,", key_id, 4), _hex("--issuer", secret, 32))


def _hex(name: str, text: str, size: int) -> bytes:
    """Return the bytes of ``text``; what it says is a key and stands in no message."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != size:
        msg = f"wanted {size * 2} hexadecimal digits in {name}, found something else"
        raise RequestContractError(msg)
    return value
