"""Files, as the main scenarios of ``tuf-conformance`` have it, told in our words.

The public suite is run beside these where it is present (``client_under_test.py`` says how); here its ideas are
kept, so that a change that breaks one fails at once.

    pytest tests/conformance
"""

import pytest

from tests.fakes.conforming import Client, publish, put
from tests.fakes.tampered import SignedRepository


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
