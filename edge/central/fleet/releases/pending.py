"""What is on its way into the repository, in a folder that goes from keeper to keeper.

    metadata/models.json   the next version, with the signatures so far
    targets/models/…       the bytes of new packages

It may travel on a stick: nothing in it is secret, and nothing in it counts before enough keepers
have signed.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.central.fleet.releases.repository_state import (
    AnyMetadata,
    RepositoryState,
    read_metadata,
)
from edge.central.fleet.releases.signing_roles import OFFLINE, ROOT, TARGETS
from edge.central.fleet.releases.tuf_api import LengthOrHashMismatchError, Root, TargetFile, Targets
from edge.core.errors import RequestContractError, UnavailableError


class Pending:
    """The folder, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._metadata = folder / "metadata"
        self._targets = folder / "targets"

    def roles(self, state: RepositoryState | None) -> dict[str, AnyMetadata]:
        """Return the metadata of each role that is newer than what ``state`` has, by name."""
        found = {}
        for role in OFFLINE:
            path = self._metadata / f"{role.name}.json"
            if path.exists():
                metadata = read_metadata(path, role)
                if state is None or metadata.signed.version > state.of(role.name).signed.version:
                    found[role.name] = metadata
        return found

    def put(self, role: str, metadata: AnyMetadata) -> None:
        """Keep the metadata of ``role``."""
        self._write(self._metadata / f"{role}.json", metadata.to_bytes())

    def put_target(self, path: str, content: bytes) -> None:
        """Keep the bytes of a package."""
        self._write(self._targets / path, content)

    def bytes_of(self, roles: Mapping[str, AnyMetadata]) -> dict[str, bytes]:
        """Return the bytes of every package in ``roles`` that are here and are the signed ones."""
        found: dict[str, bytes] = {}
        for metadata in roles.values():
            if isinstance(metadata.signed, Targets):
                for path, target in metadata.signed.targets.items():
                    content = self._target(target)
                    if content is not None:
                        found[path] = content
        return found

    def _target(self, target: TargetFile) -> bytes | None:
        path = self._targets / target.path
        # A path comes from metadata that nobody has judged yet.
        if ".." in target.path.split("/") or not path.is_file():
            return None
        content = path.read_bytes()
        try:
            target.verify_length_and_hashes(content)
        except LengthOrHashMismatchError:
            return None
        return content

    def clear(self) -> None:
        """Remove what was published."""
        for path in sorted(self._files(), reverse=True):
            path.unlink()

    def _files(self) -> Iterator[Path]:
        for folder in (self._metadata, self._targets):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            incoming = path.with_name(f".{path.name}")
            with incoming.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            incoming.replace(path)
        except OSError as error:
            msg = f"wanted to write {path}, got: {error.strerror}"
            raise UnavailableError(msg) from error


def delegators(
    role: str, pending: dict[str, AnyMetadata], state: RepositoryState | None
) -> tuple[Root | Targets, ...]:
    """Return whose word decides who may sign ``role``: for root both the old and the new one.

    Raises:
        RequestContractError: The ceremony has not been held: there is no root.
    """
    above = ROOT.name if role in (ROOT.name, TARGETS.name) else TARGETS.name
    found = [md for md in (pending.get(above), state.of(above) if state else None) if md]
    if not found:
        msg = (
            "wanted a repository or pending root metadata, got neither; see `edge fleet keys init`"
        )
        raise RequestContractError(msg)
    # The next root has to be vouched for by both; all else by whatever will be in force.
    return tuple(md.signed for md in (found if role == ROOT.name else found[:1]))
