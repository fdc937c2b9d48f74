"""A claim as a machine gets it: a QR code, a file on a USB stick, a cloud-init file.

All of them hold the secret until it is used: files are for their owner only.
"""

import base64
import io
import json
from dataclasses import dataclass, field
from typing import Final

import segno

from edge.central.fleet.provision.claims import Claim

CLOUD_INIT: Final = "firmware_config/cloud-init/user-data"
FILE_NAME: Final = "claim.toml"


@dataclass(frozen=True, slots=True)
class Handout:
    """What goes to the machine."""

    claim: Claim
    enrol_url: str
    authority_pem: str = field(repr=False)
    root: str = field(default="", repr=False)
    """The root.json that the machine is to pin; "" without a repository."""


def claim_file(handout: Handout) -> str:
    """Return the file that ``edge enrol --claim`` reads."""
    place = handout.claim.place
    return (
        f"# Lets one machine become {place.device} at {place.site}, once, until "
        f"{handout.claim.expires_at:%Y-%m-%d %H:%M} UTC.\n"
        f"# edge enrol --claim {FILE_NAME}\n\n"
        f"claim = {json.dumps(handout.claim.text)}\n"
        f"central = {json.dumps(handout.enrol_url)}\n"
        f'ca = """\n{handout.authority_pem}"""\n' + _root(handout.root)
    )


def _root(root: str) -> str:
    if not root:
        return ""
    return f"# Whose signatures count on releases; its digest is what enrolment must name.\nroot = {json.dumps(root)}\n"


def cloud_init(template: str, handout: Handout) -> str:
    """Return the user-data of a machine that enrols itself when it first starts."""
    content = base64.b64encode(claim_file(handout).encode()).decode()
    return template.replace("@CLAIM@", content).replace("@DEVICE@", handout.claim.place.device)


def svg(claim: Claim) -> str:
    """Return the claim as a QR code to be printed."""
    picture = io.BytesIO()
    _symbol(claim).save(picture, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return picture.getvalue().decode()


def for_terminal(claim: Claim) -> str:
    """Return the claim as a QR code for a terminal."""
    text = io.StringIO()
    _symbol(claim).terminal(out=text, compact=True)
    return text.getvalue()


def _symbol(claim: Claim) -> segno.QRCode:
    return segno.make(claim.text, error="m", boost_error=False, micro=False)
