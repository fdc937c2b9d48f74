"""Commands from central: signed, for one device of one site, in order, for a few minutes.

    {"command": {"command_id", "name", "arguments", "tenant", "site", "device", "seq",
                 "issued_at", "expires_at", "key_id"}, "signature": "<128 hex>"}

The signature (Ed25519) is over the canonical JSON of ``command``. A broker that is compromised
can hold a command back, but neither change it, nor repeat it, nor give it to another device.

Source: fleet.md 1; security.md T15, "Keys at the edge" (separate from the TUF keys).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import TrustError, WireContractError
from edge.wire.canonical import canonical, parse_object
from edge.wire.cloudevents import rfc3339

MAX_COMMAND_BYTES: Final = 16 * 1024
LONGEST_LIFE: Final = timedelta(minutes=15)
CLOCK_SLACK: Final = timedelta(minutes=2)
"""How far central's clock may be ahead of the device's."""

CommandName = Literal["identify", "log-tail", "refresh", "restart-ui", "support-bundle", "retry"]

_Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$")]
_Argument = str | int | bool

Sign = Callable[[bytes], bytes]
"""Signs with central's command key: message -> 64 bytes."""


class Command(BaseModel):
    """What central wants of one device."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    name: CommandName
    arguments: Annotated[Mapping[str, _Argument], Field(max_length=16)] = {}
    tenant: _Name
    site: _Name
    device: _Name
    seq: Annotated[int, Field(ge=1, lt=2**53)]
    """Grows from command to command of one device; one that is not above the last is refused."""
    issued_at: AwareDatetime
    expires_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a command has to be for, and what it has to be above."""

    tenant: str
    site: str
    device: str
    last_seq: int


def sign_command(command: Command, sign: Sign) -> bytes:
    """Return ``command`` as it goes over the broker."""
    document = _document(command)
    return canonical({"command": document, "signature": sign(canonical(document)).hex()})


def read_command(payload: bytes, *, central_key: bytes, to: Addressee, now: datetime) -> Command:
    """Return the command in ``payload``, if it is central's, new, for us, and still holds.

    Raises:
        WireContractError: It is too long, or not a command.
        TrustError: The signature is not central's, it is for another device, was taken before, has
            expired, or would live longer than 15 minutes. Nothing is done.
    """
    found = parse_object(payload, max_bytes=MAX_COMMAND_BYTES, what="command")
    document, signature = found.get("command"), found.get("signature")
    if set(found) != {"command", "signature"} or not isinstance(signature, str):
        msg = "command: wanted an object with 'command' and 'signature', got other members"
        raise WireContractError(msg)
    _check_signature(document, signature, central_key)
    try:
        command = Command.model_validate(document)
    except ValidationError as error:
        msg = f"command: {error.error_count()} mistakes, the first: {error.errors()[0]['msg']}"
        raise WireContractError(msg) from error
    _check_addressee(command, to)
    _check_time(command, now)
    return command


def _document(command: Command) -> dict[str, Any]:
    return command.model_dump(mode="json") | {
        "issued_at": rfc3339(command.issued_at),
        "expires_at": rfc3339(command.expires_at),
    }


def _check_signature(document: object, signature: str, central_key: bytes) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(central_key)
        key.verify(bytes.fromhex(signature), canonical(document))
    except (InvalidSignature, ValueError) as error:
        msg = "wanted a command that central signed, got another; it is not carried out"
        raise TrustError(msg) from error


def _check_addressee(command: Command, to: Addressee) -> None:
    if (command.tenant, command.site, command.device) != (to.tenant, to.site, to.device):
        msg = f"wanted a command for {to.device} of {to.site}, got one for another device"
        raise TrustError(msg)
    if command.seq <= to.last_seq:
        msg = f"wanted a command above number {to.last_seq}, got {command.seq}: a repeat or older"
        raise TrustError(msg)


def _check_time(command: Command, now: datetime) -> None:
    life = command.expires_at - command.issued_at
    if not timedelta(0) < life <= LONGEST_LIFE:
        msg = f"wanted a command that holds for at most {LONGEST_LIFE}, got {life}"
        raise TrustError(msg)
    if now >= command.expires_at or command.issued_at > now + CLOCK_SLACK:
        msg = (
            f"wanted a command that holds at {rfc3339(now)}, got one from "
            f"{rfc3339(command.issued_at)} to {rfc3339(command.expires_at)}"
        )
        raise TrustError(msg)
