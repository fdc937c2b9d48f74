"""A throw-away authority and a certificate for this machine, for a demo over TLS.

A browser gives a page keys and offline work only over HTTPS (decided.md 34). The authority's own
key is thrown away as soon as it has signed, so that nobody can sign with it later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS: Final = timedelta(days=30)
_EARLY: Final = timedelta(hours=1)
"""Phones' clocks differ a little; a certificate from the future is refused."""


@dataclass(frozen=True, slots=True)
class Issued:
    """Where the files are, and what a person can compare."""

    authority: Path
    certificate: Path
    key: Path
    fingerprint: str  # SHA-256 of the certificate, in pairs


def issue(folder: Path, hosts: tuple[str, ...], now: datetime) -> Issued:
    """Make a new authority and a certificate for ``hosts`` (names and addresses) in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, hosts, authority, authority_key, now)
    issued = Issued(
        authority=folder / "demo-ca.crt",
        certificate=folder / "server.crt",
        key=folder / "server.key",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )
    pem = serialization.Encoding.PEM
    issued.authority.write_bytes(authority.public_bytes(pem))
    issued.certificate.write_bytes(certificate.public_bytes(pem) + authority.public_bytes(pem))
    issued.key.touch(mode=0o600)
    issued.key.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return issued


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("Instore Edge demo, throw-away")
    return (
        _begun(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    hosts: tuple[str, ...],
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    names = x509.SubjectAlternativeName([_general(host) for host in hosts])
    return (
        _begun(_name("Instore Edge demo"), authority.subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + LASTS)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
