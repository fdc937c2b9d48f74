"""The folder of what was fetched: what has its name there was verified.

A file is named by its hash, as the repository names it, so the shop's other devices find it too.
"""

from collections.abc import Collection
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

    def keep_only(self, files: Collection[Path], *, ending: str = "") -> None:
        """Delete every other file, and what is there of one, whose name ends so.

        Args:
            files: What stays; what is there of them as well.
            ending: Of the names; "" is every name.

        Raises:
            StorageUnavailableError: The disk.
        """
        try:
            for file in (self.folder / FOLDER).glob("*"):
                whole = whole_of(file)
                if whole not in files and whole.name.endswith(ending):
                    file.unlink()
        except OSError as error:
            raise disk_error(error) from error
