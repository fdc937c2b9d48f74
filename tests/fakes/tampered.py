"""A signed repository whose keys the test holds: it can be honest, stolen in part, or forged.

Built with python-tuf's own Metadata API and kept in memory, as a mapping from path to bytes. What
an attacker does is a change of that mapping: put old bytes back, sign with a key that is not
trusted, promise another length.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from edge.wire.releases import ABI, PackageFacts, target_path
from edge.wire.rollout import RolloutDocument, document_bytes, rollout_path

LIVES: Final = {
    "root": timedelta(days=365),
    "targets": timedelta(days=180),
    "models": timedelta(days=90),
    "rollouts": timedelta(days=14),
    "snapshot": timedelta(days=14),
    "timestamp": timedelta(days=14),
}
"""decided.md 46."""
DELEGATED: Final = {"models": "models/*/*/*", "rollouts": "rollouts/*"}
BELOW_ROOT: Final = ("models", "rollouts", "targets", "snapshot", "timestamp")


class SignedRepository:
    """Every role, each with a key of its own, signed at ``now``.

    Args:
        now: The moment of the first signature.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.files: dict[str, bytes] = {}
        self.signers = {role: [CryptoSigner.generate_ed25519()] for role in LIVES}
        self.root = Root(expires=now + LIVES["root"], consistent_snapshot=True)
        self.targets = Targets(expires=now, delegations=Delegations({}, {}))
        self.delegated = {role: Targets(expires=now) for role in DELEGATED}
        self.snapshot = Snapshot(expires=now)
        self.timestamp = Timestamp(expires=now)
        for role in ("root", "targets", "snapshot", "timestamp"):
            self.root.add_key(self.signers[role][0].public_key, role)
        for role, paths in DELEGATED.items():
            self._delegate(role, paths)
        self.write("root")
        self.pinned = self.files["metadata/1.root.json"]
        self.sign(*BELOW_ROOT)

    def signed(self, role: str) -> Any:  # noqa: ANN401 - four unrelated classes of python-tuf
        """Return the document of ``role`` as it stands, to change it."""
        return self.delegated.get(role) or getattr(self, role)

    def publish(self, *roles: str) -> None:
        """Sign a next version of some roles, and of those that speak of them."""
        for role in (*roles, "snapshot", "timestamp"):
            self.signed(role).version += 1
        self.sign(*roles, "snapshot", "timestamp")

    def sign(self, *roles: str) -> None:
        """Sign what stands, as it stands, for as long as each role's documents hold."""
        for role in roles:
            self.signed(role).expires = self.now + LIVES[role]
            self.write(role)

    def write(self, role: str) -> bytes:
        """Sign one document, and let the one that speaks of it speak of these bytes."""
        document = Metadata(self.signed(role))
        for signer in self.signers[role]:
            document.sign(signer, append=True)
        payload: bytes = document.to_bytes()
        version = document.signed.version
        meta = MetaFile.from_data(version, payload, ["sha256"])
        if role == "snapshot":
            self.timestamp.snapshot_meta = meta
        elif role not in {"root", "timestamp"}:
            self.snapshot.meta[f"{role}.json"] = meta
        name = "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"
        self.files[f"metadata/{name}"] = payload
        return payload

    def rotate(self, role: str, *, threshold: int = 1) -> None:
        """Replace the key of a top-level role by a new one, in a next root."""
        (old,) = self.signers[role]
        self.root.revoke_key(old.public_key.keyid, role)
        new = CryptoSigner.generate_ed25519()
        self.root.add_key(new.public_key, role)
        self.root.roles[role].threshold = threshold
        self.root.version += 1
        if role == "root":
            self.signers[role] = [old, new]  # the old one vouches for the step
        else:
            self.signers[role] = [new]
        self.write("root")
        self.signers[role] = [new]

    def add_package(
        self, payload: bytes, version: str = "1.0.0", *, name: str = "ranker", **facts: object
    ) -> str:
        """Sign a model package; return its path. ``publish("models")`` comes after."""
        path = target_path("model", name, version)
        described = PackageFacts.model_validate(
            {
                "kind": "model",
                "name": name,
                "version": version,
                "abi": ABI,
                "min_agent": "0.1.0",
                "size_unpacked": max(1, len(payload)),
            }
            | facts
        )
        self._add("models", path, payload, described.model_dump(mode="json", exclude_none=True))
        return path

    def add_rollout(self, document: RolloutDocument) -> str:
        """Sign a rollout document; return its path. ``publish("rollouts")`` comes after."""
        path = rollout_path(document.name)
        self._add("rollouts", path, document_bytes(document), None)
        return path

    def kept(self) -> dict[str, bytes]:
        """Return everything as it stands, for somebody who replays it later."""
        return dict(self.files)

    def put_back(self, earlier: dict[str, bytes], names: Iterable[str]) -> None:
        """Serve earlier bytes under their names again."""
        for name in names:
            self.files[name] = earlier[name]

    def bytes_path(self, path: str) -> str:
        """Return where the bytes of a target lie."""
        role = "rollouts" if path.startswith("rollouts/") else "models"
        digest = self.delegated[role].targets[path].hashes["sha256"]
        folder, _, name = path.rpartition("/")
        return f"targets/{folder}/{digest}.{name}"

    def _add(self, role: str, path: str, payload: bytes, custom: dict[str, object] | None) -> None:
        target = TargetFile.from_data(path, payload, ["sha256"])
        if custom:
            target.unrecognized_fields["custom"] = custom
        self.delegated[role].targets[path] = target
        self.files[self.bytes_path(path)] = payload

    def _delegate(self, role: str, paths: str) -> None:
        signer = self.signers[role][0]
        delegations = self.targets.delegations
        assert delegations is not None
        assert delegations.roles is not None
        delegations.roles[role] = DelegatedRole(role, [], 1, True, [paths])
        self.targets.add_key(signer.public_key, role)
