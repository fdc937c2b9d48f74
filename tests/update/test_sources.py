"""Who is asked, in which order; and that a device of the shop can do no harm."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.errors import UnavailableError
from edge.update.untrusted import UntrustedReleaseError
from edge.wire.rollout import RolloutDocument
from tests.fakes import mirror
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, SHORT, Device
from tests.fakes.tampered import SignedRepository

PAYLOAD = b"a model" * 20_000
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"


@pytest.fixture
def repository() -> SignedRepository:
    found = SignedRepository(NOW)
    found.add_package(PAYLOAD)
    say(found, 1)
    return found


def say(repository: SignedRepository, version: int) -> None:
    repository.add_rollout(RolloutDocument(name="ranker", version=version, issued_at=NOW))
    repository.publish("models", "rollouts")


@pytest.fixture
def device(tmp_path: Path, repository: SignedRepository) -> Device:
    return Device(tmp_path / "releases", repository)


@pytest.fixture
def origin(repository: SignedRepository) -> Iterator[Mirror]:
    with serving(repository.files) as found:
        yield found


@pytest.fixture
def cache(repository: SignedRepository) -> Iterator[Mirror]:
    """A device of the shop; what it holds is as old as this fixture."""
    with serving(repository.kept()) as found:
        yield found


def version(device: Device, *sources: Mirror, **more: object) -> int:
    """Return the rollout document's version that a device fetches, with the package."""
    releases = device.releases(*(one.url for one in sources), **more)
    try:
        releases.refresh()
        found = releases.rollout("ranker")
        package = releases.package(PATH)
        assert package is not None
        assert found is not None
        into = releases.fetch(package, releases.download_path(package), lambda: True)
        assert into.read_bytes() == PAYLOAD
        return found.version
    finally:
        releases.close()


def test_the_shops_own_device_is_asked_first_and_for_the_bytes_alone(
    device: Device, cache: Mirror, origin: Mirror
) -> None:
    assert version(device, cache, origin) == 1

    assert any(path.endswith(".tar") for path in cache.asked)
    assert not any(path.endswith(".tar") for path in origin.asked)


@pytest.mark.parametrize(
    "manner",
    [
        mirror.portal_page,
        mirror.unlabelled_page,
        mirror.refuses,
        mirror.only("targets", mirror.endless),
        mirror.only("metadata/timestamp", mirror.endless),
        mirror.only("targets", mirror.cut_after(1000)),
        mirror.only("metadata/2.models", mirror.refuses),
    ],
)
def test_a_device_with_bad_manners_is_passed_over(
    device: Device, cache: Mirror, origin: Mirror, manner: mirror.Manner
) -> None:
    cache.manners.append(manner)

    assert version(device, cache, origin) == 1


def test_a_device_that_is_switched_off_is_passed_over(device: Device, origin: Mirror) -> None:
    with serving({}) as off:
        pass

    assert version(device, off, origin, line=SHORT) == 1


def test_a_device_that_gives_other_bytes_harms_nobody_and_is_left_out_for_a_day(
    device: Device, cache: Mirror, origin: Mirror
) -> None:
    held = dict(cache.files)
    cache.files = {
        path: payload[:-1] + b"?" if path.startswith("targets") else payload
        for path, payload in held.items()
    }
    releases = device.releases(cache.url, origin.url)
    releases.refresh()
    assert releases.rollout("ranker") is not None
    assert "LengthOrHashMismatchError" in releases.faults[cache.url]
    cache.asked.clear()

    releases.refresh()
    assert cache.asked == []
    assert releases.faults.keys() == {cache.url}

    device.clock.advance(timedelta(days=1))
    cache.files = held
    releases.refresh()
    assert cache.asked != []
    assert releases.faults == {}
    releases.close()


def test_bytes_of_a_bad_device_are_not_held_against_the_repository(
    device: Device, cache: Mirror, origin: Mirror
) -> None:
    # It gives the right length of wrong bytes, hangs up, and the repository goes on with that part.
    cache.files = {
        path: b"?" * len(payload) if path.endswith(".tar") else payload
        for path, payload in cache.files.items()
    }
    cache.manners.append(mirror.only("targets/models", mirror.cut_after(70_000)))

    assert version(device, cache, origin) == 1


def test_a_device_that_forges_signatures_harms_nobody(
    device: Device, repository: SignedRepository, cache: Mirror, origin: Mirror
) -> None:
    cache.files = SignedRepository(NOW).files
    say(repository, 2)

    assert version(device, cache, origin) == 2


def test_a_device_that_keeps_news_to_itself_delays_them_by_a_day_at_most(
    device: Device, repository: SignedRepository, cache: Mirror, origin: Mirror
) -> None:
    releases = device.releases(cache.url, origin.url)
    releases.refresh()
    say(repository, 2)

    def known() -> int:
        releases.refresh()
        found = releases.rollout("ranker")
        assert found is not None
        return found.version

    device.clock.advance(timedelta(hours=23, minutes=59))
    assert known() == 1
    device.clock.advance(timedelta(minutes=1))
    assert known() == 2
    assert known() == 2  # and what is older is not believed again
    releases.close()


def test_when_the_doorbell_rings_the_repository_itself_is_asked(
    device: Device, repository: SignedRepository, cache: Mirror, origin: Mirror
) -> None:
    releases = device.releases(cache.url, origin.url)
    releases.refresh()
    say(repository, 2)

    releases.refresh(asks_origin=True)

    found = releases.rollout("ranker")
    assert found is not None
    assert found.version == 2
    releases.close()


def test_a_device_that_is_behind_still_passes_its_packages_on(
    device: Device, repository: SignedRepository, cache: Mirror, origin: Mirror
) -> None:
    releases = device.releases(cache.url, origin.url)
    say(repository, 2)
    releases.refresh(asks_origin=True)
    releases.refresh()  # and the device of the shop has something older than what is known now
    assert "BadVersionNumberError" in releases.faults[cache.url]

    package = releases.package(PATH)
    assert package is not None
    releases.fetch(package, releases.download_path(package), lambda: True)

    assert any(path.endswith(".tar") for path in cache.asked)
    assert not any(path.endswith(".tar") for path in origin.asked)
    releases.close()


def test_a_shop_without_a_line_updates_from_its_own_device(
    device: Device, cache: Mirror, origin: Mirror
) -> None:
    origin.manners.append(mirror.refuses)

    assert version(device, cache, origin) == 1


def test_the_repositorys_word_decides_what_a_failure_is_called(
    device: Device, cache: Mirror, origin: Mirror
) -> None:
    cache.files = SignedRepository(NOW).files
    releases = device.releases(cache.url, origin.url)
    origin.manners.append(mirror.refuses)
    with pytest.raises(UnavailableError, match="503"):
        releases.refresh()
    origin.manners.clear()
    origin.files = SignedRepository(NOW).files
    with pytest.raises(UntrustedReleaseError, match="UnsignedMetadataError"):
        releases.refresh()
    releases.close()
