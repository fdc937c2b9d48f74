"""What central has written for good, told to the device that sent it: only then may it forget.

    {"acked": {"version": 1, "tenant", "device", "epoch", "lanes": {"t": [[5, 24], [30, 31]]}},
     "signature": "<128 hex>"}

A broker's acknowledgement says that the broker has a message, in memory, for now (ADR 0024). This
one comes after PostgreSQL's commit. It is signed (Ed25519, over the canonical JSON of ``acked``), so
that a broker can hold it back, which costs a repeat, and never have a device forget what is nowhere
else. One that comes again, or late, says nothing wrong: what was written stays written.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.core.errors import TrustError, WireContractError
from edge.wire.canonical import canonical, parse_object

MAX_ACKED_BYTES: Final = 16 * 1024
MAX_RUNS: Final = 64
"""Of one lane in one message."""

_Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$")]
_Seq = Annotated[int, Field(ge=1, lt=2**53, strict=True)]

Run = tuple[_Seq, _Seq]
"""First and last of numbers that follow each other."""

_Lane = Annotated[str, Field(pattern=r"^[ctem]$")]
Lanes = Mapping[_Lane, Annotated[tuple[Run, ...], Field(max_length=MAX_RUNS)]]

Sign = Callable[[bytes], bytes]
"""Signs with central's key for this: message -> 64 bytes."""


class Acked(BaseModel):
    """Which numbers of which lanes central has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    tenant: _Name
    device: _Name
    epoch: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    lanes: Lanes


def sign_acked(acked: Acked, sign: Sign) -> bytes:
    """Return ``acked`` as it goes over the broker."""
    document = acked.model_dump(mode="json")
    return canonical({"acked": document, "signature": sign(canonical(document)).hex()})


def read_acked(payload: bytes, *, central_key: bytes, tenant: str, device: str) -> Acked:
    """Return what central told this device.

    Raises:
        WireContractError: It is too long, or not such a message.
        TrustError: The signature is not central's, or it is for another device. Nothing is
            forgotten.
    """
    found = parse_object(payload, max_bytes=MAX_ACKED_BYTES, what="acked")
    document, signature = found.get("acked"), found.get("signature")
    if set(found) != {"acked", "signature"} or not isinstance(signature, str):
        msg = "acked: wanted an object with 'acked' and 'signature', got other members"
        raise WireContractError(msg)
    try:
        key = Ed25519PublicKey.from_public_bytes(central_key)
        key.verify(bytes.fromhex(signature), canonical(document))
    except (InvalidSignature, ValueError) as error:
        msg = "wanted a word on what is written that central signed, got another; nothing is forgotten"
        raise TrustError(msg) from error
    try:
        acked = Acked.model_validate(document)
    except ValidationError as error:
        msg = f"acked: {error.error_count()} mistakes, the first: {error.errors()[0]['msg']}"
        raise WireContractError(msg) from error
    if (acked.tenant, acked.device) != (tenant, device):
        msg = f"wanted a word on what is written for {device}, got one for another device"
        raise TrustError(msg)
    return acked


def runs_of(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return ``numbers``, which are sorted and different, as runs."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
