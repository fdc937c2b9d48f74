"""``edge codes read``: what a picture holds, as the camera would read it, for whoever sets one up.

A customer's code opens their things for a minute, so only its kind is said, never its text.
"""

import re
from pathlib import Path
from typing import Final

import click

from edge.catalog.gtin import gtin_in
from edge.devices.code_message import Kind
from edge.devices.decoding_process import Code, codes_in
from edge.identity.codes import PREFIXES

_PAIRING: Final = re.compile(r"https?://[^/]+/p/[a-z2-7]{20}", re.IGNORECASE)


@click.group()
def codes() -> None:
    """Read the codes in a picture."""


@codes.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def read(file: Path) -> None:
    """Print what the PNG or JPEG FILE holds; exit code 1 when it is none."""
    found = codes_in(file)
    for code in found:
        click.echo(described(code))
    if not found:
        click.echo("no code")


def described(code: Code) -> str:
    """Return a line on a code that is safe to print, whoever made the code."""
    text = code.text
    if text.startswith(PREFIXES):
        return f"customer   {text[:2]}, {len(text)} characters, not printed"
    if _PAIRING.fullmatch(text):
        return "pairing    a screen's code for a phone, not printed"
    gtin = gtin_in(text)
    if gtin is not None:
        return f"product    {gtin}"
    kind = "QR code" if code.kind is Kind.QR else "bar code"
    # Escaped: a code can hold what a terminal would obey.
    return f"unknown    {kind}: {text!a}"
