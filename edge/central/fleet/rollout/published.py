"""Rollout documents in the signed repository: the one in force, and the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.central.fleet.releases.repository import Repository
from edge.central.fleet.releases.repository_folder import RepositoryFolder
from edge.central.fleet.releases.rollout_targets import current_document
from edge.core.errors import RequestContractError
from edge.wire.releases import PackageFacts, read_facts
from edge.wire.rollout import RolloutDocument


@dataclass(frozen=True, slots=True)
class PublishedRollouts:
    """What ``publishing`` needs of the repository in ``folder``."""

    repository: Repository
    folder: Path

    def rollout(self, name: str) -> RolloutDocument | None:
        """Return the document in force; None: there is none.

        Raises:
            RequestContractError: Nothing was published yet, not even the repository itself.
            UnavailableError: Its bytes are not there.
        """
        return current_document(name, self.repository.state(), RepositoryFolder(self.folder))

    def publish_rollout(self, document: RolloutDocument) -> None:
        """Sign a document and let every device see it.

        Raises:
            RequestContractError: Its version does not grow, or it chooses what is not signed and
                present.
        """
        self.repository.publish_rollout(document)

    def facts(self, path: str) -> PackageFacts:
        """Return what is signed about a package.

        Raises:
            RequestContractError: Nobody signed a package at ``path``.
        """
        custom, _ = self._signed(path)
        return read_facts(custom, path)

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a package's bytes, as it is signed.

        Raises:
            RequestContractError: Nobody signed a package at ``path``.
        """
        _, digest = self._signed(path)
        return digest

    def _signed(self, path: str) -> tuple[Mapping[str, Any] | None, str]:
        target = self.repository.state().target(path)
        if target is None:
            msg = f"wanted a package that was signed and published, got {path}"
            raise RequestContractError(msg)
        return target.custom, str(target.hashes["sha256"])
