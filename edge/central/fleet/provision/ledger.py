"""Who belongs, as it stands in PostgreSQL: claims, devices, certificates, and the log of it all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.central.fleet.provision.acl import Enrolled
from edge.central.fleet.provision.authority import Revoked
from edge.central.fleet.provision.certificate import EARLY, PublicKey, common_name, digest_of
from edge.central.fleet.provision.claims import Claim, Place
from edge.central.postgres import Connection

_PUBLISHING: Final = 0x61636C  # one writer of the broker's files at a time


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is kept of a claim."""

    place: Place
    expires_at: datetime
    used_at: datetime | None
    key_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Certified:
    """What is kept of a certificate."""

    name: str
    key_hash: bytes
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    pem: str


@dataclass(frozen=True, slots=True)
class Member:
    """A device, with the certificate it had last."""

    place: Place
    enrolled_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Ledger:
    """The tables, on one connection; whoever calls commits."""

    def __init__(self, con: Connection) -> None:
        self._con = con

    def add_claim(self, claim: Claim, claim_hash: bytes, now: datetime) -> None:
        """Keep a new claim; older unused ones for the same device are good no longer."""
        place = claim.place
        self._con.execute(
            "DELETE FROM provision_claim WHERE device = %s AND used_at IS NULL", (place.device,)
        )
        self._con.execute(
            "INSERT INTO provision_claim(hash, site, device, ring, made_at, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (claim_hash, place.site, place.device, place.ring, now, claim.expires_at),
        )
        self.log("claimed", place.device, f"site {place.site}, ring {place.ring}", now)

    def claim(self, claim_hash: bytes) -> Claimed | None:
        """Return a claim, locked until the transaction ends."""
        row = self._con.execute(
            "SELECT site, device, ring, expires_at, used_at, key_hash FROM provision_claim "
            "WHERE hash = %s FOR UPDATE",
            (claim_hash,),
        ).fetchone()
        if row is None:
            return None
        site, device, ring, *rest = row
        return Claimed(Place(site, device, ring), *rest)

    def use_claim(self, claim_hash: bytes, key_hash: bytes, now: datetime) -> None:
        """Remember who used a claim."""
        self._con.execute(
            "UPDATE provision_claim SET used_at = %s, key_hash = %s WHERE hash = %s",
            (now, key_hash, claim_hash),
        )

    def put_device(self, place: Place, now: datetime) -> None:
        """Enter a device; certificates that another machine had under its name are revoked."""
        self._revoke_certificates(place.device, now)
        self._con.execute(
            "INSERT INTO provision_device(device, site, ring, enrolled_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (device) DO UPDATE SET site = excluded.site, ring = excluded.ring, "
            "enrolled_at = excluded.enrolled_at, revoked_at = NULL",
            (place.device, place.site, place.ring, now),
        )

    def put_certificate(self, certificate: x509.Certificate, *, is_central: bool) -> None:
        """Keep a certificate that was issued."""
        key = certificate.public_key()
        assert isinstance(key, PublicKey)
        self._con.execute(
            "INSERT INTO provision_certificate"
            "(serial, name, is_central, key_hash, issued_at, expires_at, pem) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                f"{certificate.serial_number:x}",
                common_name(certificate),
                is_central,
                digest_of(key),
                issued_at(certificate),
                certificate.not_valid_after_utc,
                certificate.public_bytes(serialization.Encoding.PEM).decode(),
            ),
        )

    def certificate(self, serial: int) -> Certified | None:
        """Return the certificate with a serial number."""
        row = self._con.execute(f"{_CERTIFIED} WHERE serial = %s", (f"{serial:x}",)).fetchone()
        return None if row is None else Certified(*row)

    def latest(self, name: str) -> Certified | None:
        """Return the certificate issued last under a name, unless it is revoked."""
        row = self._con.execute(
            f"{_CERTIFIED} WHERE name = %s AND revoked_at IS NULL ORDER BY issued_at DESC LIMIT 1",
            (name,),
        ).fetchone()
        return None if row is None else Certified(*row)

    def member(self, device: str) -> Member | None:
        """Return a device, locked until the transaction ends."""
        row = self._con.execute(f"{_MEMBER} WHERE device = %s FOR UPDATE", (device,)).fetchone()
        return None if row is None else _member(row)

    def members(self) -> list[Member]:
        """Return every device that was ever enrolled, by name."""
        return [_member(row) for row in self._con.execute(f"{_MEMBER} ORDER BY device").fetchall()]

    def not_renewed_since(self, moment: datetime) -> list[str]:
        """Return the devices that got no certificate since ``moment``, by name."""
        rows = self._con.execute(
            "SELECT device FROM provision_device WHERE revoked_at IS NULL AND NOT EXISTS ("
            "SELECT 1 FROM provision_certificate c WHERE c.name = device AND c.revoked_at IS NULL "
            "AND c.issued_at >= %s) ORDER BY device",
            (moment,),
        ).fetchall()
        return [name for (name,) in rows]

    def revoke(self, name: str, now: datetime) -> int:
        """Revoke a device, or one of central's own clients; return how many certificates fell."""
        self._con.execute(
            "UPDATE provision_device SET revoked_at = %s WHERE device = %s AND revoked_at IS NULL",
            (now, name),
        )
        self._con.execute(
            "DELETE FROM provision_claim WHERE device = %s AND used_at IS NULL", (name,)
        )
        count = self._revoke_certificates(name, now)
        self.log("revoked", name, f"{count} certificates", now)
        return count

    def log(self, what: str, name: str, detail: str, now: datetime) -> None:
        """Add a line to the log."""
        self._con.execute(
            "INSERT INTO provision_log(at, what, name, detail) VALUES (%s, %s, %s, %s)",
            (now, what, name, detail),
        )

    def lock_publishing(self) -> None:
        """Be the only one who writes the broker's files, until the transaction ends."""
        self._con.execute("SELECT pg_advisory_xact_lock(%s)", (_PUBLISHING,))

    def enrolled(self) -> list[Enrolled]:
        """Return who is in the ACL."""
        return [
            Enrolled(one.place.device, one.place.site, one.place.ring, one.revoked_at is not None)
            for one in self.members()
        ]

    def own(self, now: datetime) -> list[str]:
        """Return the names of central's own clients with a certificate that holds."""
        rows = self._con.execute(
            "SELECT DISTINCT name FROM provision_certificate "
            "WHERE is_central AND revoked_at IS NULL AND expires_at > %s ORDER BY name",
            (now,),
        ).fetchall()
        return [name for (name,) in rows]

    def revoked(self, now: datetime) -> list[Revoked]:
        """Return the revoked certificates that would still hold otherwise."""
        rows = self._con.execute(
            "SELECT serial, revoked_at FROM provision_certificate "
            "WHERE revoked_at IS NOT NULL AND expires_at > %s ORDER BY serial",
            (now,),
        ).fetchall()
        return [Revoked(int(serial, 16), at) for serial, at in rows]

    def _revoke_certificates(self, name: str, now: datetime) -> int:
        return self._con.execute(
            "UPDATE provision_certificate SET revoked_at = %s "
            "WHERE name = %s AND revoked_at IS NULL",
            (now, name),
        ).rowcount


def issued_at(certificate: x509.Certificate) -> datetime:
    """Return when a certificate was signed: it holds from a little earlier."""
    return certificate.not_valid_before_utc + EARLY


_CERTIFIED: Final = (
    "SELECT name, key_hash, issued_at, expires_at, revoked_at, pem FROM provision_certificate"
)
_MEMBER: Final = (
    "SELECT site, device, ring, enrolled_at, (SELECT max(c.expires_at) FROM "
    "provision_certificate c WHERE c.name = device AND c.revoked_at IS NULL), revoked_at "
    "FROM provision_device"
)


def _member(row: tuple[object, ...]) -> Member:
    site, device, ring, *moments = row
    return Member(Place(str(site), str(device), str(ring)), *moments)  # type: ignore[arg-type]
