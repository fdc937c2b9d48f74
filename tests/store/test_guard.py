"""Two writers on one file must be impossible, because this SQLite may not survive them."""

from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.store.guard import SingleWriter, needs_the_guard


def test_the_lock_is_one_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "edge.db"
    first = SingleWriter.take(path)
    with pytest.raises(StorageUnavailableError, match="its own --data folder"):
        SingleWriter.take(path)
    first.release()
    first.release()

    SingleWriter.take(path).release()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="No such file"):
        SingleWriter.take(tmp_path / "none" / "edge.db")


@pytest.mark.parametrize(
    ("version", "needs"),
    [
        pytest.param("3.40.1", True, id="Debian's"),
        pytest.param("3.44.5", True, id="before the back-port"),
        pytest.param("3.44.6", False, id="back-ported"),
        pytest.param("3.50.6", True, id="before the second back-port"),
        pytest.param("3.50.7", False, id="second back-port"),
        pytest.param("3.51.2", True, id="last one with it"),
        pytest.param("3.51.3", False, id="fixed"),
        pytest.param("3.53.4", False, id="later"),
    ],
)
def test_versions_that_can_damage_a_file_are_known(version: str, needs: bool) -> None:
    assert needs_the_guard(version) is needs
