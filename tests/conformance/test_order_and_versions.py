"""The order of a refresh, versions, and keys, as the main scenarios of ``tuf-conformance`` have it, told in our words.

The public suite is run beside these where it is present (``client_under_test.py`` says how); here its ideas are
kept, so that a change that breaks one fails at once.

    pytest tests/conformance
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.conforming import TOP_LEVEL, Client, publish
from tests.fakes.tampered import SignedRepository

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
