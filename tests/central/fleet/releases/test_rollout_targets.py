"""Rollouts choose among what was signed, and writers of them wait for each other."""

import threading

import pytest

from edge.central.fleet.releases.sign import withdraw
from edge.core.clock import system_clock
from edge.core.errors import RequestContractError, TrustError, UnavailableError
from edge.wire.rollout import Release, RolloutDocument, rollout_path
from tests.fakes.published import PATH, fetch, files, package
from tests.fakes.repository import SignedRepository


def test_a_rollout_reaches_clients_and_only_grows(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    first = fetch(signed, rollout_path("ranker"))
    signed.set_rollout(stable=signed.release("1.0.0"), halted=True)
    assert fetch(signed, rollout_path("ranker")) != first
    older = RolloutDocument(name="ranker", version=1, issued_at=system_clock())
    with pytest.raises(RequestContractError, match="above 2, got 1"):
        signed.repository.publish_rollout(older)


def test_publishing_the_same_document_again_changes_nothing(signed: SignedRepository) -> None:
    document = signed.set_rollout(stable=signed.release("1.0.0"))
    before = files(signed)
    signed.repository.publish_rollout(document)
    assert files(signed) == before


@pytest.mark.parametrize(
    ("release", "why"),
    [
        (Release(release_id="r-2", target=package("2.0.0"), version="2.0.0"), "that was signed"),
        (Release(release_id="r-1", target=PATH, version="1.0.1"), "wanted ranker 1.0.1"),
        (Release(release_id="r-1", target=rollout_path("ranker"), version="1.0.0"), "was signed"),
    ],
)
def test_a_rollout_chooses_only_among_what_was_signed(
    signed: SignedRepository, release: Release, why: str
) -> None:
    with pytest.raises(RequestContractError, match=why):
        signed.set_rollout(stable=release)


def test_a_rollout_of_one_name_does_not_choose_another_s_package(signed: SignedRepository) -> None:
    with pytest.raises(RequestContractError, match="got the package of ranker"):
        signed.set_rollout(stable=signed.release("1.0.0"), name="forecast")


def test_a_rollout_does_not_choose_what_is_not_there(signed: SignedRepository) -> None:
    signed.file_of(PATH).write_bytes(b"other")
    with pytest.raises(RequestContractError, match="wanted the bytes"):
        signed.set_rollout(stable=signed.release("1.0.0"))


def test_a_package_that_a_rollout_speaks_of_is_not_withdrawn(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    withdraw(signed.desk, PATH)
    with pytest.raises(TrustError, match="end the rollout first"):
        signed.sign_and_publish()
    signed.set_rollout()
    signed.sign_and_publish()
    assert fetch(signed, PATH) == {}
    with pytest.raises(RequestContractError, match="which is none"):
        withdraw(signed.desk, PATH)


def test_a_lost_rollout_document_is_said_to_be_lost(signed: SignedRepository) -> None:
    signed.set_rollout(stable=signed.release("1.0.0"))
    signed.rollout_file().unlink()
    with pytest.raises(UnavailableError, match="rollouts/ranker"):
        signed.set_rollout()


def test_two_writers_wait_for_each_other(signed: SignedRepository) -> None:
    names = [f"name-{number}" for number in range(6)]

    def publish(name: str) -> None:
        other = SignedRepository(signed.folder)  # as another process would: nothing is shared
        for version in (1, 2, 3):
            document = RolloutDocument(name=name, version=version, issued_at=system_clock())
            other.repository.publish_rollout(document)

    before = signed.repository.state().timestamp.signed.version
    threads = [threading.Thread(target=publish, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = signed.repository.state()
    state.check()
    assert state.timestamp.signed.version == before + 18
    paths = [rollout_path(name) for name in names]
    assert fetch(signed, *paths).keys() == set(paths)
