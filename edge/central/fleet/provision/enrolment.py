"""A machine becomes a device: a claim and a key in, a certificate and settings out.

The name comes from the claim; what the request asks to be called is not looked at. A claim that was
used is refused, unless the same key asks again within the hour: the answer may have been lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from edge.central.fleet.provision.authority import Authority, certificate_pem, requested_key
from edge.central.fleet.provision.certificate import PublicKey, digest_of
from edge.central.fleet.provision.claims import Place, hash_of
from edge.central.fleet.provision.ledger import Claimed, Ledger
from edge.central.fleet.provision.renewal import Renewal, checked_renewal
from edge.central.fleet.provision.schema import STEPS
from edge.central.fleet.provision.told import BrokerTold
from edge.central.postgres import connect, migrate, storing
from edge.core.clock import Clock
from edge.core.errors import TrustError

REPEATS: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """What every device of the fleet is given beside its certificate; nothing of it is secret."""

    settings: Mapping[str, str | int]
    """Dotted names of a device's settings, such as "mqtt.host"."""
    root_sha256: str = ""
    """The digest of the pinned root.json; "" without a repository."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The answer to a machine that may join, or stay."""

    tenant: str
    place: Place
    certificate: str
    authority: str
    handed: Handed = field(repr=False)
    handover: str = ""
    """The earlier authority's word for the later one; empty outside of a change."""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON."""
        place = self.place
        said = {"handover": self.handover} if self.handover else {}
        return {
            **said,
            "tenant": self.tenant,
            "site": place.site,
            "device": place.device,
            "certificate": self.certificate,
            "ca": self.authority,
            "settings": {**self.handed.settings, "update.ring": place.ring},
            "root_sha256": self.handed.root_sha256,
        }


@dataclass(frozen=True, slots=True)
class Office:
    """What enrolling needs."""

    database: str = field(repr=False)
    authority: Authority
    told: BrokerTold
    handed: Handed
    clock: Clock


class Enrolment:
    """Enrols and renews; each call has a connection of its own, so any thread may."""

    def __init__(self, office: Office) -> None:
        self._office = office
        with connect(office.database) as con:
            migrate(con, STEPS)

    def enrol(self, claim: str, request_pem: bytes) -> Membership:
        """Return what makes the machine with this key the device of the claim.

        Raises:
            RequestContractError: It is no claim, or no request for an EC P-256 key.
            TrustError: The claim is unknown, used or expired.
            UnavailableError: Nothing is decided; the same request may be sent again.
        """
        claim_hash, key = hash_of(claim), requested_key(request_pem)
        now = self._office.clock()
        with storing(), connect(self._office.database) as con:
            ledger = Ledger(con)
            found = _usable(ledger.claim(claim_hash), digest_of(key), now)
            if found.used_at is not None:
                made = _answered_before(ledger, found)
            else:
                ledger.use_claim(claim_hash, digest_of(key), now)
                ledger.put_device(found.place, now)
                made = self._issue(ledger, found.place, key, now)
                ledger.log("enrolled", found.place.device, f"site {found.place.site}", now)
        self.tell()
        return self._membership(found.place, made)

    def renew(self, asked: Renewal) -> Membership:
        """Return a new certificate for the device that proved to have its old one's key.

        Raises:
            RequestContractError: The request is not of the right shape, or comes too often.
            TrustError: The proof is wrong, or the device is revoked or was away too long.
            UnavailableError: Nothing is decided; the same request may be sent again.
        """
        now = self._office.clock()
        with storing(), connect(self._office.database) as con:
            ledger = Ledger(con)
            place, key = checked_renewal(asked, ledger, now)
            latest = ledger.latest(place.device)
            if (
                latest is not None
                and latest.key_hash == digest_of(key)
                and now < latest.issued_at + REPEATS
            ):
                made = latest.pem  # asked again: the answer may have been lost
            else:
                made = self._issue(ledger, place, key, now)
                ledger.log("renewed", place.device, f"site {place.site}", now)
        return self._membership(place, made)

    def tell(self) -> bool:
        """Tell the broker what changed; return whether anything had.

        Raises:
            UnavailableError: The database or the disk is not there.
        """
        office = self._office
        with storing(), connect(office.database) as con:
            return office.told.tell(Ledger(con), office.authority, office.clock())

    def _issue(self, ledger: Ledger, place: Place, key: PublicKey, now: datetime) -> str:
        certificate = self._office.authority.device(place.device, key, now)
        ledger.put_certificate(certificate, is_central=False)
        return certificate_pem(certificate).decode()

    def _membership(self, place: Place, certificate: str) -> Membership:
        office = self._office
        authority = office.authority
        return Membership(
            office.told.tenant,
            place,
            certificate,
            authority.pem.decode(),
            office.handed,
            authority.handover_pem.decode(),
        )


def _answered_before(ledger: Ledger, claim: Claimed) -> str:
    """Return the certificate that the claim was used for."""
    kept = ledger.latest(claim.place.device)
    if kept is None or kept.key_hash != claim.key_hash:
        msg = (
            "wanted to repeat the answer to a claim, but its certificate was revoked or replaced "
            "meanwhile; make another with `edge fleet provision claim`"
        )
        raise TrustError(msg)
    return kept.pem


def _usable(claim: Claimed | None, key_hash: bytes, now: datetime) -> Claimed:
    """Return the claim if this key may use it now."""
    again = "make another with `edge fleet provision claim`"
    if claim is None:
        msg = f"wanted a claim that central made, got another or one that was replaced; {again}"
        raise TrustError(msg)
    if claim.used_at is not None:
        if claim.key_hash == key_hash and now < claim.used_at + REPEATS:
            return claim
        msg = f"wanted a claim that nobody used yet, got one that was used; {again}"
        raise TrustError(msg)
    if now >= claim.expires_at:
        msg = f"wanted a claim that still holds, got one that has expired; {again}"
        raise TrustError(msg)
    return claim
