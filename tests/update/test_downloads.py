"""The folder of what was fetched holds what is needed, and no byte of anything else."""

from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.update.downloads import FOLDER, Downloads

OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    (tmp_path / FOLDER).mkdir()
    return Downloads(tmp_path)


def there(downloads: Downloads) -> set[str]:
    return {one.name for one in (downloads.folder / FOLDER).iterdir()}


def put(downloads: Downloads, *names: str) -> None:
    for name in names:
        (downloads.folder / FOLDER / name).write_bytes(b"")


def test_what_is_there_of_an_older_file_goes_with_it(downloads: Downloads) -> None:
    old, new = f"{OLD}.ranker.json", f"{NEW}.ranker.json"
    put(downloads, old, f"{old}.{OLD[:16]}.part", new, f"{new}.{NEW[:16]}.part", f"{OLD}.x.tar")

    downloads.keep_only({downloads.path(NEW, "ranker.json")}, named="ranker.json".__eq__)

    assert there(downloads) == {new, f"{new}.{NEW[:16]}.part", f"{OLD}.x.tar"}


def test_another_names_document_stays(downloads: Downloads) -> None:
    put(downloads, f"{OLD}.ranker.json", f"{OLD}.other-ranker.json")

    downloads.keep_only((), named="ranker.json".__eq__)

    assert there(downloads) == {f"{OLD}.other-ranker.json"}


def test_without_a_name_only_what_is_named_stays(downloads: Downloads) -> None:
    put(downloads, f"{OLD}.x.tar", f"{NEW}.x.tar", f"{OLD}.ranker.json")

    downloads.keep_only({downloads.path(NEW, "x.tar")})

    assert there(downloads) == {f"{NEW}.x.tar"}


def test_a_file_that_cannot_be_deleted_is_the_disks_fault(downloads: Downloads) -> None:
    (downloads.folder / FOLDER / f"{OLD}.x.tar").mkdir()

    with pytest.raises(StorageUnavailableError):
        downloads.keep_only(())
