"""The folder of what was fetched: what has its name there was verified.

A file is named by its hash, as the repository names it, so the shop's other devices find it too.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.update.part import whole_of
from edge.update.untrusted import disk_error

FOLDER: Final = "downloads"


@dataclass(frozen=True)
class Downloads:
    """Files by their hash.

    Args:
        folder: The one that ``Releases`` keeps; they lie below it.
    """

    folder: Path

    def path(self, sha256: str, name: str) -> Path:
        """Return where the file with this hash and name is, or goes."""
        return self.folder / FOLDER / f"{sha256}.{name}"

    def keep_only(
        self, files: Collection[Path], *, named: Callable[[str], object] = lambda _name: True
    ) -> None:
        """Delete every other file, and what is there of one, whose name is one of ``named``.

        Args:
            files: What stays; what is there of them as well.
            named: Takes a file's name without its hash.

        Raises:
            StorageUnavailableError: The disk.
        """
        try:
            for file in (self.folder / FOLDER).glob("*"):
                whole = whole_of(file)
                if whole not in files and named(whole.name.partition(".")[2]):
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error) from error
