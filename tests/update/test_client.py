"""What the release machine asks for, from a real repository over loopback HTTP."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError, UnavailableError, WireContractError
from edge.update.client import Releases
from edge.update.clock_floor import ClockBehindError
from edge.update.download import NoLongerWantedError
from edge.update.space import NoRoomError
from edge.update.untrusted import UntrustedReleaseError
from edge.wire.rollout import Candidate, RolloutDocument
from tests.fakes import mirror
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, SHORT, Device
from tests.fakes.small_disk import small_disk
from tests.fakes.tampered import SignedRepository

PAYLOAD = bytes(range(256)) * 2048  # 512 KiB
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"


def document(version: int = 1) -> RolloutDocument:
    return RolloutDocument(
        name="ranker",
        version=version,
        issued_at=NOW,
        candidate=Candidate(release_id="r-1", target=PATH, version="1.0.0", salt="s", share=1.0),
    )


@pytest.fixture
def repository() -> SignedRepository:
    found = SignedRepository(NOW)
    found.add_package(PAYLOAD)
    found.add_rollout(document())
    found.publish("models", "rollouts")
    return found


@pytest.fixture
def device(tmp_path: Path, repository: SignedRepository) -> Device:
    return Device(tmp_path / "releases", repository)


@pytest.fixture
def origin(repository: SignedRepository) -> Iterator[Mirror]:
    with serving(repository.files) as found:
        yield found


@pytest.fixture
def releases(device: Device, origin: Mirror) -> Iterator[Releases]:
    found = device.releases(origin.url)
    yield found
    found.close()


def fetched(releases: Releases, path: str = PATH) -> Path:
    package = releases.package(path)
    assert package is not None
    return releases.fetch(package, releases.download_path(package), lambda: True)


def test_a_device_learns_what_it_is_to_run_and_fetches_it(releases: Releases) -> None:
    releases.refresh()

    assert releases.rollout("ranker") == document()
    package = releases.package(PATH)
    assert package is not None
    assert (package.facts.name, package.facts.version) == ("ranker", "1.0.0")
    assert package.sha256 == hashlib.sha256(PAYLOAD).hexdigest()
    assert fetched(releases).read_bytes() == PAYLOAD


def test_what_nobody_signed_is_none(releases: Releases) -> None:
    releases.refresh()

    assert releases.rollout("other") is None
    assert releases.package("models/other/1.0.0/other-1.0.0.tar") is None
    assert releases.package("elsewhere/thing.tar") is None


def test_a_fetched_package_is_not_fetched_again(releases: Releases, origin: Mirror) -> None:
    first = fetched(releases)
    before = len(origin.asked)

    assert fetched(releases) == first
    assert len(origin.asked) == before


def test_a_quiet_poll_asks_for_two_small_documents(
    device: Device, releases: Releases, origin: Mirror
) -> None:
    releases.refresh()
    releases.rollout("ranker")
    origin.asked.clear()

    releases.refresh()
    releases.rollout("ranker")

    assert origin.asked == ["metadata/2.root.json", "metadata/timestamp.json"]


def test_a_newer_rollout_document_replaces_the_older_on_the_disk(
    repository: SignedRepository, device: Device, releases: Releases
) -> None:
    releases.refresh()
    releases.rollout("ranker")
    repository.add_rollout(document(2))
    repository.publish("rollouts")

    releases.refresh()

    newest = releases.rollout("ranker")
    assert newest is not None
    assert newest.version == 2
    assert len(list((device.folder / "downloads").glob("*.json"))) == 1


def test_a_shop_back_after_a_year_updates_at_once(
    repository: SignedRepository, device: Device, releases: Releases
) -> None:
    releases.refresh()
    repository.now += timedelta(days=400)
    device.clock.advance(timedelta(days=400))
    repository.root.version += 1
    repository.sign("root")
    repository.add_rollout(document(9))
    repository.publish("models", "rollouts", "targets")

    releases.refresh()

    newest = releases.rollout("ranker")
    assert newest is not None
    assert newest.version == 9


def test_a_clock_before_the_last_signature_is_not_asked_what_expired(
    device: Device, releases: Releases, origin: Mirror
) -> None:
    releases.refresh()
    device.clock.at = NOW - timedelta(days=10)
    origin.asked.clear()

    with pytest.raises(ClockBehindError):
        releases.refresh()

    assert origin.asked == []


def test_a_clock_far_ahead_expires_everything_and_poisons_nothing(
    device: Device, releases: Releases
) -> None:
    device.clock.at = NOW + timedelta(days=3650)
    with pytest.raises(UntrustedReleaseError, match="ExpiredMetadataError"):
        releases.refresh()

    device.clock.at = NOW
    releases.refresh()

    assert releases.rollout("ranker") == document()


def test_no_byte_is_fetched_where_there_is_no_room(
    device: Device, releases: Releases, origin: Mirror
) -> None:
    releases.close()
    tight = device.releases(origin.url, free=lambda _folder: 2 * len(PAYLOAD), reserve_bytes=1)
    package = tight.package(PATH)
    assert package is not None
    before = len(origin.asked)

    with pytest.raises(NoRoomError):
        tight.fetch(package, tight.download_path(package), lambda: True)

    assert len(origin.asked) == before
    tight.close()


def test_a_disk_that_fills_up_in_the_middle_is_told_as_that_and_nothing_is_lost(
    tmp_path: Path, repository: SignedRepository, origin: Mirror
) -> None:
    payload = bytes(6 << 20)
    path = repository.add_package(payload, "3.0.0")
    repository.publish("models")
    with small_disk(tmp_path / "disk", 8) as is_own:
        if not is_own:
            pytest.skip("a test may not mount here")
        device = Device(tmp_path / "disk" / "releases", repository)
        releases = device.releases(origin.url, free=lambda _folder: 1 << 30)
        package = releases.package(path)
        assert package is not None
        into = releases.download_path(package)
        (tmp_path / "disk" / "others").write_bytes(bytes(4 << 20))
        with pytest.raises(NoRoomError):
            releases.fetch(package, into, lambda: True)
        (tmp_path / "disk" / "others").unlink()

        releases.fetch(package, into, lambda: True)

        assert into.read_bytes() == payload
        releases.close()


def test_no_byte_is_fetched_of_what_is_not_wanted(releases: Releases, origin: Mirror) -> None:
    package = releases.package(PATH)
    assert package is not None
    before = len(origin.asked)

    with pytest.raises(NoLongerWantedError):
        releases.fetch(package, releases.download_path(package), lambda: False)

    assert len(origin.asked) == before


@pytest.mark.parametrize(
    "manner",
    [mirror.portal_page, mirror.unlabelled_page, mirror.portal_redirect, mirror.refuses],
    ids=["page", "unlabelled page", "redirect", "trouble"],
)
def test_a_captive_portal_is_a_lost_line_and_no_attack(
    device: Device, releases: Releases, origin: Mirror, manner: mirror.Manner
) -> None:
    releases.refresh()
    before = device.trusted()
    origin.manners.append(manner)

    with pytest.raises(UnavailableError):
        releases.refresh()

    assert device.trusted() == before
    origin.manners.clear()
    releases.refresh()


def test_a_captive_portal_in_the_middle_costs_no_byte_that_was_fetched(
    releases: Releases, origin: Mirror
) -> None:
    package = releases.package(PATH)
    assert package is not None
    into = releases.download_path(package)
    origin.manners.append(mirror.only("targets/models", mirror.once(mirror.cut_after(300_000))))
    with pytest.raises(UnavailableError):
        releases.fetch(package, into, lambda: True)
    origin.manners[:] = [mirror.portal_page]
    with pytest.raises(UnavailableError):
        releases.fetch(package, into, lambda: True)
    origin.manners.clear()
    before = origin.sent_bytes

    releases.fetch(package, into, lambda: True)

    assert origin.sent_bytes - before == len(PAYLOAD) - 300_000
    assert into.read_bytes() == PAYLOAD


def test_a_server_that_is_not_there_is_a_lost_line(device: Device) -> None:
    with serving({}) as gone:
        address = gone.url
    alone = device.releases(address, line=SHORT)

    with pytest.raises(UnavailableError):
        alone.refresh()
    alone.close()


def test_without_an_address_nothing_is_looked_for(device: Device) -> None:
    nowhere = device.releases()

    with pytest.raises(UnavailableError, match=r"update\.repository"):
        nowhere.refresh()
    nowhere.close()


def test_a_second_process_is_kept_out_of_the_folder(
    device: Device, releases: Releases, origin: Mirror
) -> None:
    releases.refresh()
    second = device.releases(origin.url)

    with pytest.raises(UnavailableError, match="in use"):
        second.refresh()

    releases.close()
    second.refresh()
    second.close()


def test_what_a_power_cut_left_half_written_is_swept(device: Device, releases: Releases) -> None:
    releases.refresh()
    left = device.folder / "metadata" / "tmpabc123"
    left.write_bytes(b"half")
    (device.folder / "metadata" / "snapshot.json").write_bytes(b"")  # renamed, never flushed

    releases.refresh()

    assert not left.exists()
    assert releases.rollout("ranker") == document()


def test_only_the_packages_that_are_needed_stay(
    repository: SignedRepository, releases: Releases
) -> None:
    newer = repository.add_package(PAYLOAD + b"2", "2.0.0")
    repository.publish("models")
    releases.refresh()
    old, new = fetched(releases), fetched(releases, newer)
    package = releases.package(newer)
    assert package is not None
    releases.rollout("ranker")

    releases.keep_only("ranker-small", [])
    assert old.exists()
    releases.keep_only("ranker", [package])

    assert not old.exists()
    assert new.exists()
    assert len(list(new.parent.iterdir())) == 2  # and the rollout document


def test_a_signed_document_of_another_name_is_refused(
    repository: SignedRepository, releases: Releases
) -> None:
    path = repository.add_rollout(document().model_copy(update={"name": "other"}))
    targets = repository.delegated["rollouts"].targets
    targets["rollouts/ranker.json"] = targets.pop(path)
    repository.files |= {
        repository.bytes_path("rollouts/ranker.json"): next(
            payload
            for name, payload in repository.files.items()
            if name.startswith("targets/") and name.endswith("other.json")
        )
    }
    repository.publish("rollouts")
    releases.refresh()

    with pytest.raises(WireContractError, match="other"):
        releases.rollout("ranker")


def test_a_signed_document_that_is_too_large_is_not_fetched(
    repository: SignedRepository, releases: Releases, origin: Mirror
) -> None:
    repository.delegated["rollouts"].targets["rollouts/ranker.json"].length = 1 << 20
    repository.publish("rollouts")
    releases.refresh()

    with pytest.raises(WireContractError, match="at most"):
        releases.rollout("ranker")

    assert not [path for path in origin.asked if path.startswith("targets/")]


def test_a_package_without_a_sha256_is_refused(
    repository: SignedRepository, releases: Releases
) -> None:
    target = repository.delegated["models"].targets[PATH]
    target.hashes = {"sha512": hashlib.sha512(PAYLOAD).hexdigest()}
    repository.publish("models")
    releases.refresh()

    with pytest.raises(WireContractError, match="sha512"):
        releases.package(PATH)


def test_a_folder_that_cannot_be_made_is_the_disks_fault(
    device: Device, releases: Releases
) -> None:
    package = releases.package(PATH)
    assert package is not None
    (device.folder / "downloads").write_bytes(b"a file in its place")

    with pytest.raises(StorageUnavailableError):
        releases.fetch(package, releases.download_path(package), lambda: True)
