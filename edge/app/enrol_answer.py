"""What central answers a machine that joins: read strictly, and held against what we know.

Nothing of it is taken before the certificate is for our key, from the authority we were given, for
a client, and holds now.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.app.enrol_authorities import is_issued_by, trusted_now
from edge.core.errors import TrustError, WireContractError
from edge.wire.canonical import parse_object

MAX_BYTES: Final = 64 * 1024
CLOCK_SLACK: Final = timedelta(hours=1)
SETTLED: Final = (
    "mqtt.host",
    "mqtt.port",
    "mqtt.command_key",
    "mqtt.acked_key",
    "recognition.central_key",
    "recognition.central_sign_key",
    "update.repository",
    "update.ring",
)
"""The settings that central may settle; no other is taken from it."""

_Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$")]
_Pem = Annotated[str, Field(max_length=8192)]


class Answer(BaseModel):
    """Central's answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: _Name
    site: _Name
    device: _Name
    certificate: _Pem
    ca: _Pem
    settings: dict[str, str | int]
    handover: _Pem = ""
    """The word of an authority that we know for one that follows it."""
    root_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer must fit."""

    key: ec.EllipticCurvePublicKey
    trusted: tuple[x509.Certificate, ...] = field(repr=False)
    now: datetime


def read_answer(payload: bytes) -> Answer:
    """Return central's answer.

    Raises:
        WireContractError: It is not one.
    """
    found = parse_object(payload, max_bytes=MAX_BYTES, what="central's answer")
    try:
        answer = Answer.model_validate(found)
    except ValidationError as error:
        where = ", ".join(str(one["loc"][0]) for one in error.errors()[:5] if one["loc"])
        msg = f"wanted central's answer to an enrolment, got one with mistakes in: {where}"
        raise WireContractError(msg) from error
    if strange := sorted(set(answer.settings) - set(SETTLED)):
        msg = f"wanted only settings that central settles, got {', '.join(strange)[:200]}"
        raise WireContractError(msg)
    return answer


def check_certificate(answer: Answer, expected: Expected) -> x509.Certificate:
    """Return the certificate, if it is what we asked for.

    Raises:
        TrustError: It is for another key or name, from another authority, for another use, or does
            not hold now. Nothing of the answer is to be taken.
    """
    try:
        certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
    except ValueError as error:
        raise TrustError(_wanted("(PEM)", "another thing")) from error
    authorities = trusted_now(answer.ca, answer.handover, expected.trusted)
    if not any(is_issued_by(certificate, one) for one in authorities):
        raise TrustError(_wanted("from the authority in --ca", "one from another"))
    if certificate.public_key() != expected.key:
        raise TrustError(_wanted("for the key made here", "one for another key"))
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if [str(one.value) for one in names] != [answer.device]:
        raise TrustError(_wanted(f"for {answer.device}", "one for another name"))
    if not _is_for_clients(certificate):
        raise TrustError(_wanted("for a client", "one for another use"))
    _check_time(certificate, expected.now)
    return certificate


def trusted_pem(answer: Answer, trusted: tuple[x509.Certificate, ...]) -> bytes:
    """Return whom the device trusts from now on, as it lies in a file."""
    found = trusted_now(answer.ca, answer.handover, trusted)
    return b"".join(one.public_bytes(Encoding.PEM) for one in found)


def _check_time(certificate: x509.Certificate, now: datetime) -> None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start - CLOCK_SLACK <= now < end:
        held = f"one from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        raise TrustError(_wanted(f"that holds now, {now:%Y-%m-%d %H:%M} UTC", held))


def _is_for_clients(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def _wanted(what: str, got: str) -> str:
    return f"wanted a certificate {what}, got {got}; nothing was taken"
