"""Each way to tamper with a repository gives its named error and costs nothing that is trusted.

The rows are those of decided.md 49. Everything is really signed, served and fetched; what the
attacker holds is said in each row.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import MetaFile  # type: ignore[attr-defined]

from edge.core.errors import UnavailableError
from edge.update.client import Releases
from edge.update.untrusted import UntrustedReleaseError
from edge.wire.rollout import RolloutDocument
from tests.fakes import mirror
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, Device
from tests.fakes.tampered import SignedRepository

GOOD = b"a good model" * 5_000
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"
NEXT = b"a better model" * 5_000
NEXT_PATH = "models/ranker/2.0.0/ranker-2.0.0.tar"


def document(version: int) -> RolloutDocument:
    return RolloutDocument(name="ranker", version=version, issued_at=NOW)


@dataclass
class Shop:
    """A device that has fetched what is good, and whoever stands between it and its repository."""

    device: Device
    repository: SignedRepository
    origin: Mirror
    releases: Releases

    def go_on(self) -> None:
        """Publish something newer, so that there is something to withhold or to forge."""
        self.repository.add_package(NEXT, "2.0.0")
        self.repository.add_rollout(document(2))
        self.repository.publish("models", "rollouts")

    def look(self) -> None:
        """Do what a poll does: learn what is signed, and fetch the newest."""
        self.releases.refresh()
        self.releases.rollout("ranker")
        self.fetch(PATH)
        self.fetch(NEXT_PATH)

    def fetch(self, path: str) -> None:
        package = self.releases.package(path)
        if package:
            self.releases.fetch(package, self.releases.download_path(package), lambda: True)

    def packages(self) -> set[bytes]:
        """Return what lies where packages lie, half of one as well."""
        folder = self.device.folder / "downloads"
        return {one.read_bytes() for one in folder.iterdir() if ".tar" in one.name}

    def versions(self) -> dict[str, int]:
        return {
            name: json.loads(payload)["signed"]["version"]
            for name, payload in self.device.trusted().items()
        }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    repository = SignedRepository(NOW)
    repository.add_package(GOOD)
    repository.add_rollout(document(1))
    repository.publish("models", "rollouts")
    device = Device(tmp_path / "releases", repository)
    with serving(repository.files) as origin:
        releases = device.releases(origin.url)
        found = Shop(device, repository, origin, releases)
        found.look()
        yield found
        releases.close()


def timestamp_rolled_back(shop: Shop) -> None:
    """Of old bytes: a timestamp from before the newest."""
    earlier = shop.repository.kept()
    shop.go_on()
    shop.look()
    shop.repository.put_back(earlier, ["metadata/timestamp.json"])


def snapshot_rolled_back(shop: Shop) -> None:
    """Of the online key: a new timestamp that names an older snapshot."""
    shop.go_on()
    shop.look()
    repository = shop.repository
    repository.timestamp.version += 1
    repository.timestamp.snapshot_meta = MetaFile(repository.snapshot.version - 1)
    repository.write("timestamp")


def rollouts_rolled_back(shop: Shop) -> None:
    """Of the online key: a new snapshot that names older rollouts."""
    shop.go_on()
    shop.look()
    repository = shop.repository
    repository.publish()
    repository.snapshot.meta["rollouts.json"].version -= 1
    repository.write("snapshot")
    repository.write("timestamp")


def frozen(shop: Shop) -> None:
    """Of the line: what was good, for longer than it holds."""
    shop.device.clock.advance(timedelta(days=15))


def snapshot_of_another_time(shop: Shop) -> None:
    """Of old bytes: a snapshot that does not belong to the timestamp, under the newest's name."""
    repository = shop.repository
    old = repository.files[f"metadata/{repository.snapshot.version}.snapshot.json"]
    shop.go_on()
    repository.files[f"metadata/{repository.snapshot.version}.snapshot.json"] = old


def rollouts_of_another_time(shop: Shop) -> None:
    """Of old bytes and of the online key: older rollouts with their right hash under a new number."""
    repository = shop.repository
    old = repository.files[f"metadata/{repository.delegated['rollouts'].version}.rollouts.json"]
    shop.go_on()
    newest = repository.delegated["rollouts"].version
    repository.files[f"metadata/{newest}.rollouts.json"] = old
    repository.snapshot.meta["rollouts.json"] = MetaFile.from_data(newest, old, ["sha256"])
    repository.write("snapshot")
    repository.write("timestamp")


def timestamp_without_end(shop: Shop) -> None:
    """Of the line."""
    shop.origin.manners.append(mirror.only("metadata/timestamp", mirror.endless))


def package_without_end(shop: Shop) -> None:
    """Of the line."""
    shop.go_on()
    shop.origin.manners.append(mirror.only("targets/models", mirror.endless))


def package_of_other_bytes(shop: Shop) -> None:
    """Of the server: as many bytes, others."""
    shop.go_on()
    shop.repository.files[shop.repository.bytes_path(NEXT_PATH)] = NEXT[:-1] + b"?"


def package_too_short(shop: Shop) -> None:
    """Of the server: the beginning only, given as the whole."""
    shop.go_on()
    shop.repository.files[shop.repository.bytes_path(NEXT_PATH)] = NEXT[:-100]


def document_of_other_bytes(shop: Shop) -> None:
    """Of the server: a rollout document that nobody signed."""
    shop.go_on()
    path = shop.repository.bytes_path("rollouts/ranker.json")
    shop.repository.files[path] = shop.repository.files[path].replace(b"false", b"true ")


def unsigned(shop: Shop) -> None:
    """Of the server: a timestamp without a signature."""
    shop.repository.signers["timestamp"] = []
    shop.go_on()


def signed_by_somebody(shop: Shop) -> None:
    """Of a key of their own: models that look right."""
    shop.repository.signers["models"] = [CryptoSigner.generate_ed25519()]
    shop.go_on()


def too_few_signatures(shop: Shop) -> None:
    """Of one of the two keys that the targets now need."""
    repository = shop.repository
    repository.root.add_key(CryptoSigner.generate_ed25519().public_key, "targets")
    repository.root.roles["targets"].threshold = 2
    repository.root.version += 1
    repository.write("root")
    repository.publish("targets")


def revoked(shop: Shop) -> None:
    """Of a key of the snapshots that root has replaced."""
    repository = shop.repository
    stolen = repository.signers["snapshot"]
    repository.rotate("snapshot")
    repository.signers["snapshot"] = stolen
    shop.go_on()


def root_by_somebody(shop: Shop) -> None:
    """Of a key of their own: a next root."""
    repository = shop.repository
    repository.signers["root"] = [CryptoSigner.generate_ed25519()]
    repository.root.version += 1
    repository.write("root")


def expired(role: str) -> Callable[[Shop], None]:
    def tamper(shop: Shop) -> None:
        repository = shop.repository
        repository.signed(role).version += 1
        repository.signed(role).expires = NOW - timedelta(seconds=1)
        repository.write(role)
        roles = ["snapshot", "timestamp"] if role not in {"root", "timestamp"} else []
        for above in roles:
            if above != role:
                repository.signed(above).version += 1
                repository.write(above)

    tamper.__name__ = f"expired {role}"
    return tamper


ROWS = [
    (timestamp_rolled_back, "BadVersionNumberError"),
    (snapshot_rolled_back, "BadVersionNumberError"),
    (rollouts_rolled_back, "BadVersionNumberError"),
    (frozen, "ExpiredMetadataError"),
    (snapshot_of_another_time, "LengthOrHashMismatchError"),
    (rollouts_of_another_time, "BadVersionNumberError"),
    (timestamp_without_end, "DownloadLengthMismatchError"),
    (package_without_end, "DownloadLengthMismatchError"),
    (package_of_other_bytes, "LengthOrHashMismatchError"),
    (package_too_short, "LengthOrHashMismatchError"),
    (document_of_other_bytes, "LengthOrHashMismatchError"),
    (unsigned, "UnsignedMetadataError"),
    (signed_by_somebody, "UnsignedMetadataError"),
    (too_few_signatures, "UnsignedMetadataError"),
    (revoked, "UnsignedMetadataError"),
    (root_by_somebody, "UnsignedMetadataError"),
    *((expired(role), "ExpiredMetadataError") for role in ("root", "timestamp", "snapshot")),
    *((expired(role), "ExpiredMetadataError") for role in ("targets", "models", "rollouts")),
]


@pytest.mark.parametrize(
    ("tamper", "code"), ROWS, ids=[tamper.__name__.replace("_", " ") for tamper, _ in ROWS]
)
def test_tampering_gives_its_named_error_and_costs_nothing_that_is_trusted(
    shop: Shop, tamper: Callable[[Shop], None], code: str
) -> None:
    before = shop.versions()
    tamper(shop)

    with pytest.raises(UntrustedReleaseError) as refused:
        shop.look()

    assert refused.value.code == code
    # What was trusted is, or was replaced by what was signed later.
    assert all(shop.versions()[name] >= version for name, version in before.items())
    assert GOOD in shop.packages()
    assert shop.packages() <= {GOOD, NEXT}  # and of what was refused no byte is there


@pytest.mark.parametrize("manner", [mirror.unlabelled_page, mirror.portal_page])
def test_a_captive_portal_is_called_a_lost_line(shop: Shop, manner: mirror.Manner) -> None:
    before = shop.device.trusted()
    shop.go_on()
    shop.origin.manners.append(manner)

    with pytest.raises(UnavailableError, match="captive portal"):
        shop.look()

    assert shop.device.trusted() == before
    assert shop.packages() == {GOOD}


def test_a_path_that_nobody_signed_is_none(shop: Shop) -> None:
    assert shop.releases.package("models/ranker/9.9.9/ranker-9.9.9.tar") is None
    assert shop.releases.rollout("nobody") is None


def test_whoever_is_honest_again_is_believed_at_once(shop: Shop) -> None:
    shop.origin.manners.append(mirror.only("targets", mirror.endless))
    shop.go_on()
    with pytest.raises(UntrustedReleaseError):
        shop.look()
    shop.origin.manners.clear()

    shop.look()

    assert shop.packages() == {GOOD, NEXT}
