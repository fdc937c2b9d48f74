"""What a repository says at one moment: one consistent set of signed metadata, read as clients do.

``timestamp.json`` names the snapshot, the snapshot names every other file, and the newest root
says whose word counts. A file that none of them names does not belong to the state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge.central.fleet.releases.repository_folder import TIMESTAMP_FILE, RepositoryFolder
from edge.central.fleet.releases.signing_roles import (
    DELEGATED,
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    TOP,
    SigningRole,
)
from edge.central.fleet.releases.tuf_api import (
    DeserializationError,
    Metadata,
    MetaFile,
    RepositoryError,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
    UnsignedMetadataError,
    VerificationResult,
)
from edge.core.errors import TrustError, UnavailableError

AnyMetadata = Metadata[Any]
TARGETS_ROLES: Final = (TARGETS, *DELEGATED)


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """One consistent set; ``check`` says whether a client would take it."""

    root: Metadata[Root]
    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Mapping[str, Metadata[Targets]] = field(default_factory=dict)
    """Of the role ``targets`` and of every role it delegates to, by name."""

    def of(self, role: str) -> AnyMetadata:
        """Return the metadata of a role."""
        top: dict[str, AnyMetadata] = {
            "root": self.root,
            "timestamp": self.timestamp,
            "snapshot": self.snapshot,
        }
        return top[role] if role in top else self.targets[role]

    def target(self, path: str) -> TargetFile | None:
        """Return what is signed about the target at ``path``."""
        found = (md.signed.targets.get(path) for md in self.targets.values())
        return next((target for target in found if target is not None), None)

    def check(self, root: Metadata[Root] | None = None) -> None:
        """Walk from root to every delegated role, as a client does, but for expiry.

        Args:
            root: Whose word counts; None: this state's own root.

        Raises:
            TrustError: Some file is not signed by enough of the right keys, or is not the one
                that was named.
        """
        mistakes = tuple(self._mistakes((root or self.root).signed))
        if mistakes:
            msg = f"wanted a repository that clients can use, got: {'; '.join(mistakes)}"
            raise TrustError(msg)

    def _mistakes(self, root: Root) -> Iterator[str]:
        yield from unsigned(self.root.signed, ROOT.name, self.root)
        yield from unsigned(root, TIMESTAMP.name, self.timestamp)
        yield from unsigned(root, SNAPSHOT.name, self.snapshot)
        yield from _other("snapshot", self.timestamp.signed.snapshot_meta, self.snapshot)
        yield from unsigned(root, TARGETS.name, self.targets[TARGETS.name])
        targets = self.targets[TARGETS.name].signed
        for role in DELEGATED:
            yield from unsigned(targets, role.name, self.targets[role.name])
        for name, md in self.targets.items():
            yield from _other(name, self.snapshot.signed.meta[f"{name}.json"], md)


def unsigned(delegator: Root | Targets, role: str, metadata: AnyMetadata) -> Iterator[str]:
    """Yield what is missing until ``delegator`` vouches for ``metadata`` as that of ``role``."""
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (UnsignedMetadataError, ValueError) as error:
        yield f"{role}: {error}"


def verification(delegator: Root | Targets, role: str, metadata: AnyMetadata) -> VerificationResult:
    """Return who of those that may sign ``role`` has signed ``metadata``.

    Raises:
        TrustError: ``delegator`` knows no such role.
    """
    try:
        return delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    except ValueError as error:
        msg = f"wanted metadata that says who signs {role}, got: {error}"
        raise TrustError(msg) from error


def meta_of(metadata: AnyMetadata) -> MetaFile:
    """Return how another file names ``metadata``: number, length and digest."""
    return MetaFile.from_data(metadata.signed.version, metadata.to_bytes(), ["sha256"])


def read_state(folder: RepositoryFolder) -> RepositoryState | None:
    """Return what the repository in ``folder`` says now; None: nothing was published yet.

    Raises:
        UnavailableError: A file cannot be read.
        TrustError: A file is missing or is not metadata.
    """
    if not (folder.metadata / TIMESTAMP_FILE).exists():
        return None
    roots = folder.root_versions()
    timestamp: Metadata[Timestamp] = read_metadata(folder.metadata / TIMESTAMP_FILE, TIMESTAMP)
    number = timestamp.signed.snapshot_meta.version
    snapshot: Metadata[Snapshot] = read_metadata(
        folder.metadata / f"{number}.snapshot.json", SNAPSHOT
    )
    return RepositoryState(
        root=read_metadata(folder.metadata / f"{roots[-1] if roots else 1}.root.json", ROOT),
        timestamp=timestamp,
        snapshot=snapshot,
        targets={
            role.name: read_metadata(folder.metadata / file_name(role.name, snapshot), role)
            for role in TARGETS_ROLES
        },
    )


def file_name(role: str, snapshot: Metadata[Snapshot]) -> str:
    """Return the file of a role that ``snapshot`` names.

    Raises:
        TrustError: It names none.
    """
    meta = snapshot.signed.meta.get(f"{role}.json")
    if meta is None:
        msg = f"wanted a snapshot that names {role}, got one that does not"
        raise TrustError(msg)
    return f"{meta.version}.{role}.json"


def read_metadata(path: Path, role: SigningRole) -> AnyMetadata:
    """Return the metadata of ``role`` in a file.

    Raises:
        UnavailableError: It cannot be read.
        TrustError: It is not metadata, or that of another kind of role.
    """
    try:
        found: AnyMetadata = Metadata.from_bytes(path.read_bytes())
    except OSError as error:
        msg = f"wanted signed metadata in {path}, got: {error.strerror}"
        raise UnavailableError(msg) from error
    except DeserializationError as error:
        msg = f"wanted signed metadata in {path}, got another file"
        raise TrustError(msg) from error
    wanted = role.name if role in TOP else TARGETS.name
    if found.signed.type != wanted:
        msg = f"wanted metadata of {role.name} in {path}, got that of {found.signed.type}"
        raise TrustError(msg)
    return found


def _other(name: str, meta: MetaFile, metadata: AnyMetadata) -> Iterator[str]:
    if meta.version != metadata.signed.version:
        yield f"{name}: wanted version {meta.version}, got {metadata.signed.version}"
        return
    try:
        meta.verify_length_and_hashes(metadata.to_bytes())
    except RepositoryError as error:
        yield f"{name}: {error}"
