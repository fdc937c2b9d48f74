"""One writer: a lock that a second process cannot take, and that dies with its holder.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write or checkpoint at
once. Debian's Python links such a version, so two services on one folder must be impossible.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final, Self

from edge.core.errors import StorageUnavailableError

_FIXED: Final = (3, 51, 3)
_BACK_PORTS: Final = {(3, 44): 6, (3, 50): 7}


class SingleWriter:
    """The lock beside the database; held until ``release`` or the process's end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path) -> Self:
        """Take the lock of ``database``.

        Raises:
            StorageUnavailableError: Another process has it, or the folder cannot be written.
        """
        path = database.with_name(database.name + ".lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = f"wanted to lock {path}, got {error.strerror}; the data folder must be writable"
            raise StorageUnavailableError(msg) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            msg = (
                f"wanted to be the only writer of {database}, but another process is; "
                "stop the other service, or give this one its own --data folder"
            )
            raise StorageUnavailableError(msg) from error
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def needs_the_guard(version: str = sqlite3.sqlite_version) -> bool:
    """Say whether this SQLite has the WAL-reset bug, so that only the guard keeps files whole."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor) in _BACK_PORTS:
        return patch < _BACK_PORTS[major, minor]
    return (major, minor, patch) < _FIXED
