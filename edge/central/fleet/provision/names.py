"""What may stand in a certificate as a name, and which names are central's own.

The name in the certificate is client id, user name and part of every topic, so its letters decide
what the broker allows: a "/" in it would widen what a device may write (security.md, Mosquitto 4).
"""

import re
from enum import StrEnum
from typing import Final

from edge.core.errors import RequestContractError

NAME: Final = re.compile(r"[a-z0-9-]{3,32}")


class CentralRole(StrEnum):
    """What a client of central's own may do at the broker."""

    BRIDGE = "bridge"
    """Takes events in; sends profiles and erasures down."""
    OPS = "ops"
    """Sees states; sends commands, context, doorbells."""


def checked(what: str, name: str) -> str:
    """Return ``name`` if it may be a part of a topic.

    Raises:
        RequestContractError: It holds anything but 3 to 32 of a-z, 0-9 and "-".
    """
    if not NAME.fullmatch(name):
        msg = f"{what}: wanted 3 to 32 of a-z, 0-9 and '-', got {name[:60]!r}; choose another"
        raise RequestContractError(msg)
    return name


def device_name(name: str) -> str:
    """Return ``name`` if a device may have it.

    Raises:
        RequestContractError: Its letters are not allowed, or it is one of central's own names.
    """
    checked("device", name)
    if role_of(name) is not None:
        msg = (
            f"device: wanted a name that is not one of central's own ({_own()}), got {name!r}; "
            "choose another"
        )
        raise RequestContractError(msg)
    return name


def central_name(name: str) -> tuple[str, CentralRole]:
    """Return ``name`` with its role if a client of central's own may have it.

    Raises:
        RequestContractError: It is a name for a device.
    """
    role = role_of(checked("client", name))
    if role is None:
        msg = f"client: wanted one of central's own names ({_own()}), got {name!r}"
        raise RequestContractError(msg)
    return name, role


def role_of(name: str) -> CentralRole | None:
    """Return the role that goes with one of central's own names; None: a device's name."""
    first = name.split("-", 1)[0]
    return CentralRole(first) if first in set(CentralRole) else None


def _own() -> str:
    return ", ".join(f"{role}, {role}-…" for role in CentralRole)
