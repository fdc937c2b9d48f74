"""A machine becomes a device of the fleet: its key is made here and never leaves it.

Can be run again with the same claim after a power cut or a lost answer: the key is made once and
kept, so central knows the machine again. Settings are written last: until then the service runs as
before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.app.enrol_answer import Answer, Expected, check_certificate, read_answer, trusted_pem
from edge.app.enrol_over_https import Post
from edge.app.enrolled_files import (
    AUTHORITY,
    CERTIFICATE,
    KEY,
    EnrolledFiles,
    Pair,
    key_pem,
    put_whole,
)
from edge.core.clock import Clock
from edge.core.errors import RequestContractError, TrustError

_NOTE: Final = "enrolment.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody who sets the machine up brings along."""

    claim: str = field(repr=False)
    central: str
    trusted_pem: bytes = field(repr=False)
    """The authority's certificate, as it came with the claim."""
    root: bytes | None = field(default=None, repr=False)
    """The root.json that this device pins; None: it has none."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What the device is now."""

    tenant: str
    site: str
    device: str
    overlay: Path


def enrol(asked: Asked, data: Path, post: Post, clock: Clock) -> Joined:
    """Make this machine the device that the claim names.

    Raises:
        RequestContractError: It is enrolled already, or what was brought along is unusable.
        TrustError: Central refuses the claim, or its answer is not from the fleet's authority.
        UnavailableError: Central or the disk is not there; run it again.
    """
    files = EnrolledFiles(data)
    if files.overlay.exists():
        msg = (
            f"wanted a machine that is not enrolled yet, got {files.overlay}; to enrol it anew, "
            "move that file aside"
        )
        raise RequestContractError(msg)
    trusted = _trusted(asked.trusted_pem)
    key = files.pending_key()
    answer = read_answer(post("/enrol", {"claim": asked.claim, "csr": request_for(key)}))
    check_certificate(answer, Expected(key.public_key(), trusted, clock()))
    _check_root(answer, asked.root)
    pair = Pair(key_pem(key), answer.certificate.encode(), trusted_pem(answer, trusted))
    note = {"central": asked.central, "tenant": answer.tenant, "site": answer.site}
    files.take(pair)
    if asked.root is not None:
        put_whole(files.root, asked.root)
    put_whole(files.folder / _NOTE, json.dumps(note).encode())
    put_whole(files.overlay, overlay_text(answer, files).encode())
    files.settle()
    return Joined(answer.tenant, answer.site, answer.device, files.overlay)


def central_of(files: EnrolledFiles) -> str | None:
    """Return where this device enrolled; None: it never did."""
    try:
        return str(json.loads((files.folder / _NOTE).read_bytes())["central"])
    except (OSError, ValueError, KeyError):
        return None


def request_for(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a certificate request for ``key``; the name is central's to give."""
    empty = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = empty.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def overlay_text(answer: Answer, files: EnrolledFiles) -> str:
    """Return the settings that joining settled, as TOML."""
    current = files.current.absolute()
    settled: dict[str, str | int] = {
        **answer.settings,
        "mqtt.acknowledged_by": "central" if answer.settings.get("mqtt.acked_key") else "broker",
        "mqtt.tls": "mutual",
        "mqtt.ca_file": str(current / AUTHORITY),
        "mqtt.cert_file": str(current / CERTIFICATE),
        "mqtt.key_file": str(current / KEY),
    }
    if answer.settings.get("update.repository") and files.root.exists():
        settled["update.trust_file"] = str(files.root.absolute())
    lines = [
        f"# Written by `edge enrol`: {answer.device} of {answer.site}. Read after the profile.",
        f"device_id = {json.dumps(answer.device)}",
    ]
    for group, values in _grouped(settled).items():
        lines += ["", f"[{group}]", *(f"{one} = {json.dumps(value)}" for one, value in values)]
    return "\n".join(lines) + "\n"


def _grouped(settled: Mapping[str, str | int]) -> dict[str, list[tuple[str, str | int]]]:
    groups: dict[str, list[tuple[str, str | int]]] = {}
    for name, value in sorted(settled.items()):
        group, _, setting = name.partition(".")
        if value != "":
            groups.setdefault(group, []).append((setting, value))
    return groups


def _trusted(pem: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        msg = "--ca: wanted the authority's certificate (PEM), got something else"
        raise RequestContractError(msg) from error


def _check_root(answer: Answer, root: bytes | None) -> None:
    if not answer.root_sha256 or not answer.settings.get("update.repository"):
        return
    if root is None or sha256(root).hexdigest() != answer.root_sha256:
        got = "none" if root is None else "another"
        msg = (
            "wanted the root.json that central's releases begin with on this device, got "
            f"{got}; run it again within the hour with --root FILE, as central's `edge fleet keys show "
            "--root` writes it. Nothing was taken here"
        )
        raise TrustError(msg)
