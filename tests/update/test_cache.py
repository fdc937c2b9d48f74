"""What a device passes on to the others of its shop, and what it never gives away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.update.cache import Cache
from tests.fakes.mirror import Mirror, serving
from tests.fakes.release_client import NOW, Device
from tests.fakes.tampered import SignedRepository

PAYLOAD = b"a model" * 1000


@pytest.fixture
def repository() -> SignedRepository:
    found = SignedRepository(NOW)
    found.add_package(PAYLOAD)
    found.publish("models")
    return found


@pytest.fixture
def origin(repository: SignedRepository) -> Iterator[Mirror]:
    with serving(repository.files) as found:
        yield found


@pytest.fixture
def holder(tmp_path: Path, repository: SignedRepository, origin: Mirror) -> Device:
    """A device that has fetched everything."""
    found = Device(tmp_path / "holder", repository)
    releases = found.releases(origin.url)
    package = releases.package("models/ranker/1.0.0/ranker-1.0.0.tar")
    assert package is not None
    releases.fetch(package, releases.download_path(package), lambda: True)
    releases.close()
    return found


def test_it_has_what_another_device_asks_the_repository_for(
    tmp_path: Path, repository: SignedRepository, origin: Mirror, holder: Device
) -> None:
    cache = Cache(holder.folder)
    files = {path: cache.file(path) for path in {*origin.asked, "metadata/1.root.json"}}
    held = {path: file.read_bytes() for path, file in files.items() if file}

    assert held == {path: repository.files[path] for path in held}
    with serving(held) as lan:
        other = Device(tmp_path / "other", repository)
        releases = other.releases(lan.url)
        package = releases.package("models/ranker/1.0.0/ranker-1.0.0.tar")
        assert package is not None
        into = releases.fetch(package, releases.download_path(package), lambda: True)
        releases.close()
    assert into.read_bytes() == PAYLOAD


def test_it_has_no_version_but_the_newest(holder: Device, repository: SignedRepository) -> None:
    cache, version = Cache(holder.folder), repository.snapshot.version

    assert cache.file(f"metadata/{version}.snapshot.json") is not None
    assert cache.file(f"metadata/{version - 1}.snapshot.json") is None
    assert cache.file(f"metadata/{version + 1}.snapshot.json") is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "metadata",
        "metadata/",
        "metadata/lock",
        "metadata/root.json",
        "metadata/snapshot.json",
        "metadata/../clock_floor.json",
        "metadata/1../clock_floor.json",
        "metadata/1.../../clock_floor.json",
        "metadata/0.root.json",
        "metadata/01.root.json",
        "metadata/1.root.json\n",
        "metadata/1.root.json/",
        "metadata/٢.snapshot.json",
        "clock_floor.json",
        "targets/../clock_floor.json",
        "targets/clock_floor.json",
        "targets//" + "0" * 64 + ".a.tar",
        "targets/../" + "0" * 64 + ".a.tar",
        "targets/models/" + "0" * 64 + ".../clock_floor.json",
        "../" * 9 + "etc/passwd",
        "/etc/passwd",
        "metadata\\1.root.json",
        "metadata/1.root.json\x00",
    ],
)
def test_no_other_file_has_a_name(holder: Device, path: str) -> None:
    (holder.folder / "clock_floor.json").touch()

    assert Cache(holder.folder).file(path) is None


def test_what_is_still_being_fetched_is_not_passed_on(holder: Device) -> None:
    name = "0" * 64 + ".ranker-1.0.0.tar"
    downloads = holder.folder / "downloads"
    (downloads / f"{name}.0000000000000000.part").write_bytes(b"half")

    assert Cache(holder.folder).file(f"targets/models/{name}.0000000000000000.part") is None
    assert Cache(holder.folder).file(f"targets/models/{name}") is None


def test_a_damaged_document_is_not_passed_on(holder: Device) -> None:
    (holder.folder / "metadata" / "snapshot.json").write_bytes(b"{")

    assert Cache(holder.folder).file("metadata/2.snapshot.json") is None


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert Cache(tmp_path / "none").file("metadata/timestamp.json") is None
