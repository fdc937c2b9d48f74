"""A device asks for its next certificate, with a proof that it has the key of the last one.

The proof is a signature, not a TLS connection with the old certificate: so a shop that was closed
for weeks may renew up to 30 days after its certificate ended, and a web server before us that knows
nothing of client certificates is enough. Whoever repeats such a request gets a certificate for a key
that they do not have.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from edge.central.fleet.provision.authority import requested_key
from edge.central.fleet.provision.certificate import PublicKey, digest_of
from edge.central.fleet.provision.claims import Place
from edge.central.fleet.provision.ledger import Ledger
from edge.core.errors import RequestContractError, TrustError
from edge.wire.renewal import signed_renewal

GRACE: Final = timedelta(days=30)
FRESH: Final = timedelta(days=1)
SELDOM: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a device sends."""

    certificate_pem: bytes
    request_pem: bytes
    at: str
    signature: bytes


def checked_renewal(asked: Renewal, ledger: Ledger, now: datetime) -> tuple[Place, PublicKey]:
    """Return which device it is, and the key it will have.

    Raises:
        RequestContractError: The request is not of the right shape, or comes too often.
        TrustError: The proof is wrong, or the device is revoked or was away too long.
    """
    new_key = requested_key(asked.request_pem)
    old, serial = _certificate(asked.certificate_pem)
    _check_proof(asked, old, now)
    kept = ledger.certificate(serial)
    member = ledger.member(kept.name) if kept is not None else None
    if kept is None or kept.key_hash != digest_of(old) or member is None:
        msg = "wanted a certificate that this authority issued to a device, got another"
        raise TrustError(msg)
    if kept.revoked_at is not None or member.revoked_at is not None:
        msg = "wanted a device that belongs to the fleet, got one that was revoked"
        raise TrustError(msg)
    if now > kept.expires_at + GRACE:
        msg = (
            f"wanted a certificate that ended at most {GRACE.days} days ago, got an older one; "
            "enrol the device again with a new claim"
        )
        raise TrustError(msg)
    latest = ledger.latest(kept.name)
    is_another = latest is not None and latest.key_hash != digest_of(new_key)
    if latest is not None and is_another and now < latest.issued_at + SELDOM:
        msg = "wanted at most one renewal an hour, got another one; try again later"
        raise RequestContractError(msg)
    return member.place, new_key


def _certificate(pem: bytes) -> tuple[PublicKey, int]:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = "wanted the device's certificate (PEM), got something else"
        raise RequestContractError(msg) from error
    if not isinstance(key, PublicKey):
        msg = "wanted a certificate with an EC P-256 key, got another kind"
        raise RequestContractError(msg)
    return key, certificate.serial_number


def _check_proof(asked: Renewal, old: PublicKey, now: datetime) -> None:
    text = signed_renewal(asked.at, asked.request_pem)
    try:
        at = datetime.fromisoformat(asked.at)
        old.verify(asked.signature, text, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as error:
        msg = "wanted a renewal signed with the old certificate's key, got another"
        raise TrustError(msg) from error
    if at.tzinfo is None or abs(at - now) > FRESH:
        msg = f"wanted a renewal of today, got one of {asked.at[:40]}; check the device's clock"
        raise TrustError(msg)
