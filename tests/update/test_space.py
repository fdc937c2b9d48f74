"""A package is not begun where it cannot end."""

from pathlib import Path

import pytest

from edge.core.errors import StorageUnavailableError
from edge.update.space import NoRoomError, Room, free_bytes, require_room

ROOM = Room(length_bytes=100, fetched_bytes=40, unpacked_bytes=200, reserve_bytes=50)


def test_what_is_missing_what_is_unpacked_and_the_reserve_must_fit(tmp_path: Path) -> None:
    require_room(ROOM, tmp_path, lambda _folder: 310)

    with pytest.raises(NoRoomError, match="310"):
        require_room(ROOM, tmp_path, lambda _folder: 309)


def test_a_whole_file_needs_no_room_of_its_own() -> None:
    assert Room(length_bytes=100, fetched_bytes=100).needed_bytes == 0


def test_a_real_folder_says_what_is_free(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0


def test_a_folder_that_is_not_there_is_the_disks_fault(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        free_bytes(tmp_path / "none")
