"""Space put aside for the day the disk is full.

An order or a withdrawal of consent must still be recorded then. The reserve is a file beside the
database; giving it up makes room at once. Until there is room to take it back, only what commits
alone may be recorded, so that impressions do not eat the space that was freed for orders.
"""

import logging
import os
import shutil
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

DEFAULT_BYTES: Final = 64 * 1024 * 1024


class Reserve:
    """The file ``reserve`` of ``size_bytes`` in the data folder; 0 puts nothing aside."""

    def __init__(self, folder: Path, size_bytes: int = DEFAULT_BYTES) -> None:
        self._path = folder / "reserve"
        self._size_bytes = size_bytes
        self.is_given_up = False

    def hold(self) -> bool:
        """Take the space if there is twice as much free; return whether it is held."""
        if self._size_bytes == 0:
            return False
        try:
            if self._is_there():
                return True
            if shutil.disk_usage(self._path.parent).free < 2 * self._size_bytes:
                return False
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size_bytes)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.warning("no reserve for a full disk: %s", error)
            self._path.unlink(missing_ok=True)
            return False
        self.is_given_up = False
        return True

    def give_up(self) -> bool:
        """Free the space; return whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        self.is_given_up = True
        log.warning("disk full: the reserve of %d bytes is given up", self._size_bytes)
        return True

    def _is_there(self) -> bool:
        return self._path.exists() and self._path.stat().st_size >= self._size_bytes
