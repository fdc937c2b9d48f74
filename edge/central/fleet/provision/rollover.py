"""One authority follows another, and no device has to be touched.

    ca.crt, ca.key            the authority, as long as it is the only one
    next/ca.crt, next/ca.key  the one that follows; from now on both are trusted
    next/handover.crt         the first one's word for it, by which devices come to trust it
    next/signs                since when the following one signs
    next/alone                the first one is trusted no longer; its files are being replaced

Devices ask for a certificate every 60 days, and get whom to trust with the answer. So everybody who
was not away for so long trusts both before the second one signs its first certificate, and has one
of the second before the first one goes. Each step is one file put in place; after a power cut it is
run again.

Source: RFC 4210, 4.4 ("root CA key update").
"""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.central.fleet.provision.authority import CERTIFICATE, Authority
from edge.central.fleet.provision.whole_files import put
from edge.core.errors import SettingsContractError, StorageUnavailableError

NEXT: Final = "next"
HANDOVER: Final = "handover.crt"
SIGNS: Final = "signs"
ALONE: Final = "alone"


def opened(folder: Path) -> Authority:
    """Return the authority that signs now, with the other one that is trusted, if there is one.

    Raises:
        SettingsContractError: A file is missing, others may read a key, or they do not match.
    """
    following = folder / NEXT
    if (following / ALONE).exists():
        return Authority.open(following)
    first = Authority.open(folder)
    if not (following / HANDOVER).exists():
        return first
    second, handover = Authority.open(following), _handover(following)
    if (following / SIGNS).exists():
        return replace(second, beside=first, handover=handover)
    return replace(first, beside=second, handover=handover)


def begin(folder: Path, tenant: str, now: datetime) -> None:
    """Make the authority that is to follow; both are trusted from now on, the first one signs.

    Raises:
        SettingsContractError: There is one that follows already.
        StorageUnavailableError: The disk does not take it.
    """
    following, first = folder / NEXT, Authority.open(folder)
    if (following / HANDOVER).exists():
        msg = f"wanted no other change under way, got one in {following}; end it with `ca-retire`"
        raise SettingsContractError(msg)
    made = Authority.new(tenant, now, since=f"{now:%Y-%m-%d}")
    if made.certificate.subject == first.certificate.subject:
        msg = "wanted an authority older than a day to be followed, got one of today"
        raise SettingsContractError(msg)
    made.put_into(following)
    put(following / HANDOVER, first.vouch_for(made).public_bytes(Encoding.PEM))


def switch(folder: Path, now: datetime) -> None:
    """Have the following authority sign; the first one stays trusted.

    Raises:
        SettingsContractError: There is none that follows.
        StorageUnavailableError: The disk does not take it.
    """
    if not (folder / NEXT / HANDOVER).exists():
        msg = f"wanted an authority that follows in {folder / NEXT}, got none; make it: `ca-next`"
        raise SettingsContractError(msg)
    if switched_at(folder) is None:
        put(folder / NEXT / SIGNS, f"{now.isoformat()}\n".encode())


def retire(folder: Path) -> None:
    """Have nobody trust the first authority any more; may be run again after a power cut.

    Raises:
        SettingsContractError: The following one does not sign yet.
        StorageUnavailableError: The disk does not take it.
    """
    following = folder / NEXT
    if switched_at(folder) is None:
        msg = "wanted the following authority to sign before the first one goes; run `ca-switch`"
        raise SettingsContractError(msg)
    second = Authority.open(following)
    put(following / ALONE, b"")
    second.put_into(folder)
    gone = folder / f".{NEXT}.gone"
    try:
        shutil.rmtree(gone, ignore_errors=True)
        following.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        msg = f"wanted to clear {following}, got {error.strerror}; run it again"
        raise StorageUnavailableError(msg) from error


def begun_at(folder: Path) -> datetime | None:
    """Return since when both are trusted; None: no change is under way."""
    following = folder / NEXT
    if not (following / HANDOVER).exists():
        return None
    return x509.load_pem_x509_certificate(
        (following / CERTIFICATE).read_bytes()
    ).not_valid_before_utc


def switched_at(folder: Path) -> datetime | None:
    """Return since when the following authority signs; None: it does not."""
    try:
        return datetime.fromisoformat((folder / NEXT / SIGNS).read_text("ascii").strip())
    except (OSError, ValueError):
        return None


def _handover(following: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate((following / HANDOVER).read_bytes())
    except (OSError, ValueError) as error:
        msg = f"wanted the handover in {following / HANDOVER}, got {error}"
        raise SettingsContractError(msg) from error
