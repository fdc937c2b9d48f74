"""Whether a package fits on the disk, before the first byte of it is fetched.

The tar, what is unpacked from it beside it, and a reserve that the shop's own records need.

Source: fleet.md 6 and 7 ("space preflight").
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.core.errors import StorageUnavailableError, UnavailableError

FreeBytes = Callable[[Path], int]
"""Returns the bytes that may still be written where a folder lies."""


class NoRoomError(UnavailableError):
    """The disk has no room for a package; retrying can help once something was deleted."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a package is going to take.

    Args:
        length_bytes: The whole file that is fetched.
        fetched_bytes: What of it is on the disk already.
        unpacked_bytes: What is unpacked from it.
        reserve_bytes: What must stay free after that.
    """

    length_bytes: int
    fetched_bytes: int = 0
    unpacked_bytes: int = 0
    reserve_bytes: int = 0

    @property
    def needed_bytes(self) -> int:
        """Return what must be free now."""
        missing = max(0, self.length_bytes - self.fetched_bytes)
        return missing + self.unpacked_bytes + self.reserve_bytes


def free_bytes(folder: Path) -> int:
    """Return what an ordinary user may still write where ``folder`` lies.

    Raises:
        StorageUnavailableError: The folder cannot be asked.
    """
    try:
        found = os.statvfs(folder)
    except OSError as error:
        msg = f"wanted to know the room in {folder}, got {error.strerror}; check the disk"
        raise StorageUnavailableError(msg) from error
    return found.f_bavail * found.f_frsize


def require_room(room: Room, folder: Path, free: FreeBytes = free_bytes) -> None:
    """Return if ``room`` is there.

    Raises:
        NoRoomError: It is not.
        StorageUnavailableError: The folder cannot be asked.
    """
    there = free(folder)
    if there < room.needed_bytes:
        msg = (
            f"wanted {room.needed_bytes} bytes free in {folder} for a package and the reserve, "
            f"got {there}; delete what is not needed, or lower update.reserve_mib"
        )
        raise NoRoomError(msg)
