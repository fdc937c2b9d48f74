"""Write down that somebody approved an offer or a module, and check who signed.

The signature is over the digest of the entry (``edge.catalog.approved``). It is checked when a
folder is published; a device trusts the folder that its release brought, whose own signatures it
has checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from edge.catalog.approval import Approval
from edge.catalog.approved import entry_digest
from edge.catalog.content import Module
from edge.catalog.entry_lines import with_line
from edge.catalog.offer import Offer
from edge.catalog.site import Site
from edge.catalog.yaml_text import read_yaml
from edge.core.errors import RequestContractError
from edge.core.mistakes import closest, listed


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is written: its file, and its number in it."""

    file: str
    index: int


def sign(digest: str, key: Path) -> str:
    """Return the Ed25519 signature over ``digest``, in hex.

    Raises:
        RequestContractError: The file holds no private Ed25519 key without a password.
    """
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise RequestContractError(_no_key(key)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise RequestContractError(_no_key(key))
    return private.sign(digest.encode()).hex()


def approved_text(text: str, index: int, approval: Approval) -> str:
    """Return the file's ``text`` with ``approval`` added to its entry number ``index``.

    Raises:
        ContractError: The entry is laid out so that no line can be added.
    """
    said = [f"by: {approval.by}", f"role: {approval.role}", f"on: {approval.on.isoformat()}"]
    said.append(f'digest: "{approval.digest}"')
    if approval.signature:
        said.append(f'signature: "{approval.signature}"')
    return with_line(text, index, "approvals", f"{{{', '.join(said)}}}")


def place_of(entry_id: str, texts: Mapping[str, str]) -> Place:
    """Return where the offer or module ``entry_id`` is written.

    Raises:
        RequestContractError: It is in none of the files.
    """
    names: set[str] = set()
    for file, text in sorted(texts.items()):
        key = "offer" if file.startswith("offers/") else "id"
        entries = read_yaml(text) if file.startswith(("offers/", "content/")) else None
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if entry[key] == entry_id:
                return Place(file, index)
            names.add(entry[key])
    near = closest(entry_id, names)
    msg = f'wanted an offer or a module, found "{entry_id}";{near} allowed: {listed(names)}'
    raise RequestContractError(msg)


def entry_of(site: Site, entry_id: str) -> Offer | Module:
    """Return the offer or module with that id; there is one."""
    offer = site.offer(entry_id)
    return offer or next(module for module in site.modules if module.id == entry_id)


def new_approval(entry: Offer | Module, by: str, role: str, on: date, key: Path | None) -> Approval:
    """Return the approval of ``entry`` as it stands, signed where a key is given."""
    digest = entry_digest(entry)
    signature = sign(digest, key) if key else ""
    return Approval.model_validate(
        {"by": by, "role": role, "on": on, "digest": digest, "signature": signature}
    )


def wrong_signatures(site: Site) -> Iterator[str]:
    """Yield approvals whose signature is missing or not that of who is named.

    Approvals of an older text are not judged: they count for nothing any more.
    """
    keys = {one.id: one.key for one in site.approvers if one.key}
    entries: tuple[Offer | Module, ...] = (*site.offers, *site.modules)
    for entry in entries:
        digest = entry_digest(entry)
        for one in entry.approvals:
            if one.by in keys and one.digest == digest and not _is_signed(one, keys[one.by]):
                name = entry.offer if isinstance(entry, Offer) else entry.id
                yield (
                    f"{name}.approvals: wanted a signature by the key of {one.by} "
                    f"(approvers.yaml), found {'another' if one.signature else 'none'}"
                )


def _is_signed(approval: Approval, key: str) -> bool:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    try:
        public.verify(bytes.fromhex(approval.signature), approval.digest.encode())
    except InvalidSignature:
        return False
    return True


def _no_key(key: Path) -> str:
    return (
        f"{key}: wanted a private Ed25519 key in PEM without a password; make one with "
        f"openssl genpkey -algorithm ed25519 -out {key.name}"
    )
