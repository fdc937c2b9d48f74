"""How a certificate of the fleet looks: EC P-256, one name, one use.

A device's certificate is for clients only: whoever takes it from a device cannot play the broker
with it. The authority signs leaves and nothing between.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEVICE_LASTS: Final = timedelta(days=90)
CENTRAL_LASTS: Final = timedelta(days=365)
AUTHORITY_LASTS: Final = timedelta(days=3650)
EARLY: Final = timedelta(hours=1)
"""Clocks differ a little; a certificate from the future is refused."""

PublicKey = ec.EllipticCurvePublicKey
PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a certificate is to say."""

    name: str
    key: PublicKey
    lasts: timedelta
    hosts: tuple[str, ...] = ()
    """Names and addresses of a server; empty: a client."""


def new_key() -> PrivateKey:
    """Return a new key of the one kind that is used here."""
    return ec.generate_private_key(ec.SECP256R1())


def authority_certificate(
    tenant: str, key: PrivateKey, now: datetime, *, since: str = ""
) -> x509.Certificate:
    """Return the certificate that everybody of ``tenant`` is pinned to.

    Args:
        tenant: Whose fleet it is.
        key: The authority's.
        now: From when it holds.
        since: Tells a later authority's name from the first one's: a list of revoked certificates
            is found by name.
    """
    name = _name(f"Instore Edge fleet {tenant} {since}".rstrip())
    begun = _begun(name, name, key.public_key(), (now, now + AUTHORITY_LASTS))
    return _as_authority(begun, key.public_key()).sign(key, hashes.SHA256())


def handover_certificate(
    following: x509.Certificate, authority: x509.Certificate, key: PrivateKey
) -> x509.Certificate:
    """Return the word of one authority for the one that follows it: its key, signed with ours.

    Source: RFC 4210, 4.4 ("new with old").
    """
    public = following.public_key()
    assert isinstance(public, PublicKey)
    held = (following.not_valid_before_utc + EARLY, following.not_valid_after_utc)
    begun = _begun(following.subject, authority.subject, public, held)
    return _as_authority(begun, public).sign(key, hashes.SHA256())


def leaf_certificate(
    leaf: Leaf, authority: x509.Certificate, key: PrivateKey, now: datetime
) -> x509.Certificate:
    """Return the certificate of one client or server, signed with the authority's ``key``."""
    use = ExtendedKeyUsageOID.SERVER_AUTH if leaf.hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    until = min(now + leaf.lasts, authority.not_valid_after_utc)
    begun = (
        _begun(_name(leaf.name), authority.subject, leaf.key, (now, until))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    if leaf.hosts:
        names = x509.SubjectAlternativeName([_general(host) for host in leaf.hosts])
        begun = begun.add_extension(names, critical=False)
    return begun.sign(key, hashes.SHA256())


def common_name(certificate: x509.Certificate) -> str:
    """Return the one name in a certificate; "" if there is none or more than one."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def digest_of(key: PublicKey) -> bytes:
    """Return what one key is told from another by."""
    return hashlib.sha256(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).digest()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, span: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    start, until = span
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - EARLY)
        .not_valid_after(until)
    )


def _as_authority(begun: x509.CertificateBuilder, key: PublicKey) -> x509.CertificateBuilder:
    mine = x509.SubjectKeyIdentifier.from_public_key(key)
    return (
        begun.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(mine, critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
