"""The main scenarios of ``tuf-conformance``, told in our words, on the same adapter.

The public suite is run beside these where it is present (``client_under_test.py`` says how); here its ideas are
kept, so that a change that breaks one fails at once.

    pytest tests/conformance
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    TargetFile,
    Targets,
)

from edge.core.clock import system_clock
from tests.conformance.client_under_test import main
from tests.fakes.mirror import Mirror, serving
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


@pytest.fixture
def repository() -> SignedRepository:
    return SignedRepository(system_clock())


@pytest.fixture
def client(tmp_path: Path, repository: SignedRepository) -> Iterator[Client]:
    with serving(repository.files) as origin:
        found = Client(tmp_path, origin)
        assert found.init(repository.pinned) == 0
        yield found


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


# ---- the order of things -------------------------------------------------------------


def test_a_first_refresh_asks_in_the_order_of_the_specification(client: Client) -> None:
    assert client.refresh() == 0

    assert client.roles_asked() == ["2.root", "timestamp", "1.snapshot", "1.targets"]
    assert client.versions() == dict.fromkeys(TOP_LEVEL, 1)


def test_documents_are_kept_byte_for_byte(client: Client, repository: SignedRepository) -> None:
    path = "metadata/timestamp.json"
    repository.files[path] += b" \n"

    assert client.refresh() == 0

    kept = client.folder / "metadata" / "timestamp.json"
    assert kept.read_bytes() == repository.files[path]


def test_a_download_refreshes_first(client: Client) -> None:
    assert client.download("nothing by this name") == 1

    assert client.versions() == dict.fromkeys(TOP_LEVEL, 1)


@pytest.mark.parametrize("way", ["no version", "no signature"])
def test_a_first_root_that_is_none_asks_nobody(
    tmp_path: Path, client: Client, repository: SignedRepository, way: str
) -> None:
    broken = json.loads(repository.pinned)
    if way == "no version":
        del broken["signed"]["version"]
    else:
        broken["signatures"][0]["sig"] = "00" * 64
    folder = tmp_path / "other"
    folder.mkdir()
    other = Client(folder, client.origin)
    other.init(json.dumps(broken).encode())

    assert other.refresh() == 1
    assert client.origin.asked == []


# ---- versions ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["root", "snapshot", "targets"])
def test_a_version_under_another_ones_name_is_refused(
    client: Client, repository: SignedRepository, role: str
) -> None:
    assert client.refresh() == 0
    repository.root.version += 1
    repository.write("root")
    publish(repository)
    signed = repository.signed(role)
    name = f"metadata/{signed.version}.{role}.json"
    signed.version += 1
    repository.files[name] = repository.write(role)
    signed.version -= 1
    if role == "targets":
        repository.snapshot.meta["targets.json"].version -= 1
        repository.write("snapshot")
    elif role == "snapshot":
        repository.timestamp.snapshot_meta.version -= 1
    repository.write("timestamp")

    assert client.refresh() == 1
    assert client.versions()[role] == 1


def test_a_timestamp_that_changed_without_a_new_version_is_not_taken(
    client: Client, repository: SignedRepository
) -> None:
    assert client.refresh() == 0
    before = (client.folder / "metadata" / "timestamp.json").read_bytes()
    repository.timestamp.snapshot_meta.version = 100
    repository.write("timestamp")

    assert client.refresh() == 0
    assert (client.folder / "metadata" / "timestamp.json").read_bytes() == before


def test_a_role_may_not_vanish_from_the_snapshot(
    client: Client, repository: SignedRepository
) -> None:
    assert client.refresh() == 0
    del repository.snapshot.meta["models.json"]
    publish(repository)

    assert client.refresh() == 1
    assert client.versions()["snapshot"] == 1


def test_after_a_fast_forward_attack_new_keys_bring_the_clients_back(
    client: Client, repository: SignedRepository
) -> None:
    # Whoever had the online keys signed the highest version there is.
    repository.timestamp.version = repository.snapshot.version = 2**30
    repository.write("snapshot")
    repository.write("timestamp")
    assert client.refresh() == 0

    repository.rotate("timestamp")
    repository.rotate("snapshot")
    repository.timestamp.version = repository.snapshot.version = 1
    publish(repository)

    assert client.refresh() == 0
    assert client.versions()["timestamp"] == 2


# ---- keys ----------------------------------------------------------------------------


def test_roots_are_followed_one_by_one_over_every_change_of_keys(
    client: Client, repository: SignedRepository
) -> None:
    for _ in range(3):
        repository.rotate("root")
    publish(repository)

    assert client.refresh() == 0
    assert client.roles_asked()[:4] == ["2.root", "3.root", "4.root", "5.root"]
    assert client.versions()["root"] == 4


def test_a_root_that_the_one_before_does_not_vouch_for_is_refused(
    client: Client, repository: SignedRepository
) -> None:
    (old,) = repository.signers["root"]
    repository.rotate("root")
    repository.files["metadata/2.root.json"] = repository.write("root")  # by the new key alone
    assert old not in repository.signers["root"]

    assert client.refresh() == 1
    assert client.versions() == {"root": 1}


def test_a_root_that_has_expired_may_be_one_of_the_way(
    client: Client, repository: SignedRepository
) -> None:
    holds_until = repository.root.expires
    repository.root.expires = repository.now - timedelta(days=1)
    repository.root.version += 1
    repository.write("root")
    assert client.refresh() == 1
    assert client.versions() == {"root": 2}

    repository.root.expires = holds_until
    repository.root.version += 1
    repository.write("root")
    assert client.refresh() == 0
    assert client.versions()["root"] == 3


def test_the_same_key_twice_counts_once(client: Client, repository: SignedRepository) -> None:
    repository.root.roles["timestamp"].threshold = 2
    repository.root.version += 1
    repository.write("root")
    repository.signers["timestamp"] *= 2
    publish(repository)

    assert client.refresh() == 1


# ---- delegations ---------------------------------------------------------------------


def test_delegations_are_searched_depth_first_in_their_order(
    client: Client, repository: SignedRepository
) -> None:
    for parent, role in [("targets", "a"), ("targets", "b"), ("a", "c"), ("c", "a"), ("a", "d")]:
        delegate(repository, parent, role, "*")
    publish(repository, "a", "b", "c", "d")

    assert client.download("nothing") == 1
    assert client.roles_asked()[4:] == ["2.a", "2.c", "2.d", "2.b"]


def test_a_terminating_delegation_ends_the_search(
    client: Client, repository: SignedRepository
) -> None:
    delegate(repository, "targets", "a", "*", terminating=True)
    delegate(repository, "targets", "b", "*")
    put(repository, "b", "file", b"by b")
    publish(repository, "a", "b")

    assert client.download("file") == 1
    assert client.roles_asked()[4:] == ["2.a"]


@pytest.mark.parametrize(
    ("path", "is_found"),
    [("x/file", True), ("x/y/file", False), ("X/file", False), ("file", False)],
)
def test_a_role_speaks_only_of_the_paths_it_was_given(
    client: Client, repository: SignedRepository, path: str, is_found: bool
) -> None:
    delegate(repository, "targets", "a", "x/*")
    put(repository, "a", path, b"content")
    publish(repository, "a")

    assert client.download(path) == (0 if is_found else 1)
    assert client.downloads() == ({b"content"} if is_found else set())


def test_a_role_is_verified_against_each_that_delegates_to_it(
    client: Client, repository: SignedRepository
) -> None:
    delegate(repository, "targets", "a", "a/*")
    delegate(repository, "targets", "b", "b/*")
    delegate(repository, "a", "shared", "a/*")
    mine = repository.signers.pop("shared")
    delegate(repository, "b", "shared", "b/*")  # b means another key by the same name
    repository.signers["shared"] = mine
    put(repository, "shared", "a/file", b"through a")
    put(repository, "shared", "b/file", b"through b")
    publish(repository, "a", "b", "shared")

    assert client.download("a/file", "b/file") == 1
    assert client.downloads() == {b"through a"}


@pytest.mark.parametrize("role", ["?", "#", "../role", "/role"])
def test_an_odd_name_of_a_role_stays_within_the_folder(
    client: Client, repository: SignedRepository, role: str
) -> None:
    delegate(repository, "targets", role, "*")
    publish(repository, role)

    assert client.download("nothing") == 1
    assert len(client.versions()) == 5
    assert {one.name for one in client.folder.iterdir()} == {"initial_root.json", "metadata"}


# ---- files ---------------------------------------------------------------------------


@pytest.mark.parametrize("hashes", [("sha256",), ("sha512",), ("sha256", "sha512")])
def test_a_file_is_held_against_each_kind_of_hash(
    client: Client, repository: SignedRepository, hashes: tuple[str, ...]
) -> None:
    put(repository, "targets", "folder/file", b"content", *hashes)
    publish(repository)

    assert client.download("folder/file") == 0
    assert client.downloads() == {b"content"}


def test_a_file_with_a_hash_of_an_unknown_kind_is_not_kept(
    client: Client, repository: SignedRepository
) -> None:
    put(repository, "targets", "file", b"content")
    target = repository.targets.targets["file"]
    target.hashes = {"sha0": target.hashes["sha256"]}
    publish(repository)

    assert client.download("file") == 1
    assert client.downloads() == set()


def test_a_file_that_is_there_is_not_asked_for(
    client: Client, repository: SignedRepository
) -> None:
    put(repository, "targets", "file", b"content")
    publish(repository)
    assert client.download("file") == 0
    client.origin.asked.clear()

    assert client.download("file") == 0
    assert not [one for one in client.origin.asked if one.startswith("targets/")]


def test_a_file_that_changed_replaces_its_older_self(
    client: Client, repository: SignedRepository
) -> None:
    for content in (b"first", b"second"):
        put(repository, "targets", "file", content)
        publish(repository)
        assert client.download("file") == 0
        assert client.downloads() == {content}


def test_a_repository_without_numbered_names_is_understood(
    client: Client, repository: SignedRepository
) -> None:
    repository.root.consistent_snapshot = False
    repository.root.version += 1
    repository.write("root")
    put(repository, "targets", "file", b"content")
    publish(repository)
    for path, payload in repository.kept().items():
        folder, _, name = path.rpartition("/")
        if not name.endswith("root.json"):
            repository.files[f"{folder}/{name.partition('.')[2]}"] = payload
    repository.files["targets/file"] = b"content"
    repository.write("timestamp")

    assert client.download("file") == 0
    assert client.roles_asked()[2:5] == ["timestamp", "snapshot", "targets"]
    assert client.downloads() == {b"content"}
