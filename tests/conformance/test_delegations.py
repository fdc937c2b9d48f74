"""Delegations, as the main scenarios of ``tuf-conformance`` have it, told in our words.

The public suite is run beside these where it is present (``client_under_test.py`` says how); here its ideas are
kept, so that a change that breaks one fails at once.

    pytest tests/conformance
"""

import pytest

from tests.fakes.conforming import Client, delegate, publish, put
from tests.fakes.tampered import SignedRepository


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
