"""Who may say and hear what at the broker: the text of its ACL file, from who there is.

What all devices have in common is a pattern with the certificate's name in it, so a device may
speak the moment it is enrolled. Which site and ring it belongs to is a line of its own.

Source: decided.md 43. Mosquitto checks a user's own lines first (its "deny" before the rest), then
the patterns ("deny" before the rest); what no line allows is denied.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edge.central.fleet.provision.names import CentralRole, central_name, checked, device_name

_ROOT: Final = "instore/v1"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device, and where it belongs."""

    device: str
    site: str
    ring: str
    is_revoked: bool = False
    """It may neither say nor hear anything, also on a connection that it still has."""


def central_acl(tenant: str, devices: Iterable[Enrolled], own: Sequence[str]) -> str:
    """Return the ACL of central's broker.

    Args:
        tenant: Whose shops these are.
        devices: Every device that has, or had, a certificate.
        own: The names of central's own clients, such as bridge-1 and ops.

    Raises:
        RequestContractError: A name could change what a line means.
    """
    root = f"{_ROOT}/{checked('tenant', tenant)}"
    lines = [*_patterns(root)]
    for name in sorted(own):
        lines += ["", *_central_lines(root, name)]
    for device in sorted(devices, key=lambda one: one.device):
        lines += ["", *_device_lines(root, device)]
    return "\n".join(lines) + "\n"


def shop_acl(tenant: str, site: str, devices: Iterable[Enrolled]) -> str:
    """Return the ACL of one shop's own broker: its devices, and what they tell each other.

    Raises:
        RequestContractError: A name could change what a line means.
    """
    root = f"{_ROOT}/{checked('tenant', tenant)}"
    lines = ["# Made by `edge fleet provision acl`. What no line allows is denied."]
    for one in sorted(devices, key=lambda one: one.device):
        if one.site == site and not one.is_revoked:
            lines += ["", f"user {device_name(one.device)}", *_lan_lines(root, one)]
    return "\n".join(lines) + "\n"


def _patterns(root: str) -> Iterator[str]:
    yield "# Made by `edge fleet provision`, and again at every enrolment. Do not edit."
    yield "# What no line allows is denied."
    yield ""
    yield "# A certificate whose name holds a '/' would reach below another device's topics:"
    yield "# the authority signs none, and if somebody else did, nothing is said so deep."
    yield f"pattern deny {root}/d/+/up/+/+/+/#"
    yield f"pattern deny {root}/d/+/up/up/#"
    yield f"pattern deny {root}/d/+/down/+/+/#"
    yield f"pattern deny {root}/d/+/down/down/#"
    yield f"pattern write {root}/d/%u/up/#"
    yield f"pattern read {root}/d/%u/down/#"


def _central_lines(root: str, name: str) -> Iterator[str]:
    name, role = central_name(name)
    yield f"user {name}"
    match role:
        case CentralRole.BRIDGE:
            yield f"topic read {root}/d/+/up/ev/+"
            yield f"topic write {root}/d/+/down/profile"
            yield f"topic write {root}/d/+/down/erase"
            yield f"topic write {root}/d/+/down/acked"
        case CentralRole.OPS:
            yield f"topic read {root}/d/+/up/status"
            yield f"topic read {root}/d/+/up/release"
            yield f"topic read {root}/d/+/up/res/+"
            yield f"topic write {root}/d/+/down/cmd"
            yield f"topic write {root}/d/+/down/config"
            yield f"topic write {root}/d/+/down/context"
            yield f"topic write {root}/site/+/down/context"
            yield f"topic write {root}/ring/+/down/release"


def _device_lines(root: str, one: Enrolled) -> Iterator[str]:
    yield f"user {device_name(one.device)}"
    if one.is_revoked:
        yield "topic deny #"
        return
    yield f"topic read {root}/site/{checked('site', one.site)}/down/#"
    yield f"topic read {root}/ring/{checked('ring', one.ring)}/down/#"
    yield from _lan_lines(root, one)


def _lan_lines(root: str, one: Enrolled) -> Iterator[str]:
    lan = f"{root}/site/{checked('site', one.site)}/lan"
    yield f"topic write {lan}/+/{one.device}"
    yield f"topic read {lan}/+/+"
