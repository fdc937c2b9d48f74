"""One process at a time in a folder: two would overwrite what the other just came to trust."""

import fcntl
import os
from pathlib import Path

from edge.core.errors import UnavailableError


class FolderLock:
    """Holds a folder from the first use until it is let go; the end of the process lets go too.

    Args:
        file: The lock's file; its folder is made where it is missing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Hold it, if this process does not yet.

        Raises:
            UnavailableError: Another one does.
            OSError: The disk.
        """
        if self._descriptor is not None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            msg = f"wanted {self._file.parent} for this process, got it in use by another; end it"
            raise UnavailableError(msg) from error
        self._descriptor = descriptor

    def let_go(self) -> None:
        """Leave it to others."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
