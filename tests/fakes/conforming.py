"""The adapter of ``tuf-conformance`` beside a repository that a scenario writes as it likes."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    TargetFile,
    Targets,
)

from tests.conformance.client_under_test import main
from tests.fakes.mirror import Mirror
from tests.fakes.tampered import SignedRepository

TOP_LEVEL = ("root", "snapshot", "targets", "timestamp")


@dataclass
class Client:
    """The command line, with a folder of its own."""

    folder: Path
    origin: Mirror

    def init(self, root: bytes) -> int:
        (self.folder / "metadata").mkdir()
        pinned = self.folder / "initial_root.json"
        pinned.write_bytes(root)
        return self._run("init", str(pinned))

    def refresh(self) -> int:
        return self._run("refresh", metadata_url=f"{self.origin.url}/metadata/")

    def download(self, *names: str) -> int:
        named = [part for name in names for part in ("--target-name", name)]
        return self._run(
            *named,
            "--target-dir",
            str(self.folder / "targets"),
            "--target-base-url",
            f"{self.origin.url}/targets/",
            "download",
            metadata_url=f"{self.origin.url}/metadata/",
        )

    def versions(self) -> dict[str, int]:
        """Return what is trusted, by role."""
        names = [one.stem for one in (self.folder / "metadata").glob("*.json")]
        return {name: self._version(name) for name in names}

    def downloads(self) -> set[bytes]:
        return {one.read_bytes() for one in (self.folder / "targets").glob("*")}

    def roles_asked(self) -> list[str]:
        """Return which documents were asked for, in order; delegated ones by their name."""
        asked = [one.removeprefix("metadata/") for one in self.origin.asked]
        return [one.removesuffix(".json") for one in asked if one.endswith(".json")]

    def _version(self, name: str) -> int:
        found = json.loads((self.folder / "metadata" / f"{name}.json").read_bytes())
        return int(found["signed"]["version"])

    def _run(self, *more: str, metadata_url: str = "") -> int:
        where = ["--metadata-dir", str(self.folder / "metadata")]
        return main([*where, "--metadata-url", metadata_url, *more])


def delegate(
    repository: SignedRepository, parent: str, role: str, *paths: str, terminating: bool = False
) -> Targets:
    """Let ``parent`` delegate paths to a role, with a key of its own; return its document."""
    signer = repository.signers.setdefault(role, [CryptoSigner.generate_ed25519()])[0]
    document = repository.signed(parent)
    if document.delegations is None:
        document.delegations = Delegations({}, {})
    document.delegations.roles[role] = DelegatedRole(role, [], 1, terminating, list(paths))
    document.add_key(signer.public_key, role)
    holds_until = repository.now + timedelta(days=30)
    return repository.delegated.setdefault(role, Targets(expires=holds_until))


def put(repository: SignedRepository, role: str, path: str, payload: bytes, *hashes: str) -> None:
    """Let a role speak of a file that is there, under each of its hashes."""
    target = TargetFile.from_data(path, payload, list(hashes or ("sha256",)))
    repository.signed(role).targets[path] = target
    folder, slash, name = path.rpartition("/")
    for digest in target.hashes.values():
        repository.files[f"targets/{folder}{slash}{digest}.{name}"] = payload


def publish(repository: SignedRepository, *roles: str) -> None:
    for role in (*roles, "targets", "snapshot", "timestamp"):
        repository.signed(role).version += 1
        repository.write(role)
