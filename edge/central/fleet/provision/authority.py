"""The fleet's certificate authority: two files in a folder, on the machine that enrols devices.

It signs names that can stand in a topic and no others; what a request asks to be called is not
looked at. Whoever has ``ca.key`` can make any device: it belongs on a machine of its own, and in
no backup that others read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.central.fleet.provision.certificate import (
    CENTRAL_LASTS,
    DEVICE_LASTS,
    Leaf,
    PrivateKey,
    PublicKey,
    authority_certificate,
    handover_certificate,
    leaf_certificate,
    new_key,
)
from edge.central.fleet.provision.names import central_name, checked, device_name
from edge.central.fleet.provision.whole_files import SECRET, put, secret_in
from edge.core.errors import RequestContractError, SettingsContractError

CERTIFICATE: Final = "ca.crt"
KEY: Final = "ca.key"
MAX_REQUEST_BYTES: Final = 4096
_PEM: Final = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Revoked:
    """One certificate that is good no longer."""

    serial: int
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates and the list of revoked ones."""

    certificate: x509.Certificate
    _key: PrivateKey = field(repr=False)
    beside: "Authority | None" = None
    """While one authority follows another: the one that does not sign, and is trusted as well."""
    handover: x509.Certificate | None = None
    """The word of the earlier one for the later one."""

    @classmethod
    def make(cls, folder: Path, tenant: str, now: datetime) -> Self:
        """Make a new authority for ``tenant`` in ``folder``.

        Raises:
            SettingsContractError: There is one already; making another would lock out every device.
            StorageUnavailableError: The disk does not take it.
        """
        if (folder / KEY).exists() or (folder / CERTIFICATE).exists():
            msg = (
                f"wanted a folder without an authority, got one in {folder}; every device trusts "
                "it, so it is not made anew: name another folder"
            )
            raise SettingsContractError(msg)
        return cls.new(tenant, now).put_into(folder)

    @classmethod
    def new(cls, tenant: str, now: datetime, *, since: str = "") -> Self:
        """Return an authority that is in no folder yet; ``since`` is part of its name."""
        key = new_key()
        return cls(authority_certificate(checked("tenant", tenant), key, now, since=since), key)

    def put_into(self, folder: Path) -> Self:
        """Write the authority's two files.

        Raises:
            StorageUnavailableError: The disk does not take it.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(folder / KEY, key_pem(self._key), SECRET)
        put(folder / CERTIFICATE, self.certificate.public_bytes(_PEM))
        return self

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the authority whose two files lie in ``folder``; see ``rollover`` for a change.

        Raises:
            SettingsContractError: A file is missing, others may read the key, or they do not match.
        """
        try:
            certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
            key = serialization.load_pem_private_key(secret_in(folder / KEY), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            msg = (
                f"wanted the authority's {CERTIFICATE} and {KEY} in {folder}, got {error}; "
                "make one with `edge fleet provision ca-init`"
            )
            raise SettingsContractError(msg) from error
        if not isinstance(key, PrivateKey) or key.public_key() != certificate.public_key():
            msg = f"wanted the key of {folder / CERTIFICATE} in {folder / KEY}, got another"
            raise SettingsContractError(msg)
        return cls(certificate, key)

    @property
    def pem(self) -> bytes:
        """Return whom the fleet trusts: this authority, and during a change the other as well."""
        return b"".join(one.certificate.public_bytes(_PEM) for one in self._trusted)

    @property
    def handover_pem(self) -> bytes:
        """Return the earlier authority's word for the later one; empty outside of a change."""
        return self.handover.public_bytes(_PEM) if self.handover else b""

    def vouch_for(self, following: "Authority") -> x509.Certificate:
        """Return this authority's word for the one that is to follow it."""
        return handover_certificate(following.certificate, self.certificate, self._key)

    @property
    def names(self) -> frozenset[x509.Name]:
        """Return the names under which lists of revoked certificates are looked for."""
        return frozenset(one.certificate.subject for one in self._trusted)

    @property
    def _trusted(self) -> "tuple[Authority, ...]":
        return (self,) if self.beside is None else (self, self.beside)

    def device(self, name: str, key: PublicKey, now: datetime) -> x509.Certificate:
        """Return the certificate of the device ``name``, good for 90 days.

        Raises:
            RequestContractError: A device cannot be called that.
        """
        return self._leaf(Leaf(device_name(name), key, DEVICE_LASTS), now)

    def central(self, name: str, key: PublicKey, now: datetime) -> x509.Certificate:
        """Return the certificate of one of central's own clients, such as bridge-1 or ops.

        Raises:
            RequestContractError: It is not one of central's own names.
        """
        return self._leaf(Leaf(central_name(name)[0], key, CENTRAL_LASTS), now)

    def server(self, hosts: tuple[str, ...], key: PublicKey, now: datetime) -> x509.Certificate:
        """Return the certificate of a broker or server that answers at ``hosts``.

        Raises:
            RequestContractError: No host was given.
        """
        if not hosts:
            msg = "wanted at least one host name or address for a server's certificate, got none"
            raise RequestContractError(msg)
        return self._leaf(Leaf(hosts[0], key, CENTRAL_LASTS, hosts), now)

    def revocations(self, revoked: Iterable[Revoked], now: datetime) -> bytes:
        """Return the list of revoked certificates, as PEM.

        It holds as long as the authority: past its date the broker would refuse every device, and
        it is no freshness that protects here, since the broker reads the file beside it. Whoever is
        trusted has a list of its own: the broker refuses all of an authority without one.
        """
        entries = tuple(revoked)
        return b"".join(one.own_revocations(entries, now) for one in self._trusted)

    def own_revocations(self, revoked: Iterable[Revoked], now: datetime) -> bytes:
        """Return the list of this authority alone."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(max(self.certificate.not_valid_after_utc, now.replace(year=now.year + 1)))
        )
        for entry in revoked:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(entry.serial)
                .revocation_date(entry.revoked_at)
                .build()
            )
        return made.sign(self._key, hashes.SHA256()).public_bytes(_PEM)

    def _leaf(self, leaf: Leaf, now: datetime) -> x509.Certificate:
        return leaf_certificate(leaf, self.certificate, self._key, now)


def requested_key(csr_pem: bytes) -> PublicKey:
    """Return the key in a certificate request; all else in it is ignored.

    Raises:
        RequestContractError: It is no request, not signed by its own key, or not EC P-256.
    """
    wanted = "wanted a certificate request (PEM, EC P-256, at most 4 KiB)"
    if len(csr_pem) > MAX_REQUEST_BYTES:
        msg = f"{wanted}, got {len(csr_pem)} bytes"
        raise RequestContractError(msg)
    try:
        request = x509.load_pem_x509_csr(csr_pem)
        key = request.public_key()
        is_signed = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = f"{wanted}, got something else"
        raise RequestContractError(msg) from error
    if not is_signed or not isinstance(key, PublicKey) or not isinstance(key.curve, ec.SECP256R1):
        msg = f"{wanted}, got another kind of key or a broken signature"
        raise RequestContractError(msg)
    return key


def key_pem(key: PrivateKey) -> bytes:
    """Return a private key as it lies in a file that only its owner may read."""
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as it lies in a file."""
    return certificate.public_bytes(_PEM)
