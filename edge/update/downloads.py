"""The folder of what was fetched: what has its name there was verified.

A file is named by its hash, as the repository names it, so the shop's other devices find it too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.update.part import PART
from edge.update.untrusted import disk_error

FOLDER: Final = "downloads"
_HASH_CHARS: Final = 64


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
            files: What stays.
            ending: Of the names after the hash; "" is every name.

        Raises:
            StorageUnavailableError: The disk.
        """
        try:
            for file in (self.folder / FOLDER).glob("*"):
                name = file.name[_HASH_CHARS:]
                if file not in files and (not ending or name.endswith((ending, ending + PART))):
                    file.unlink()
        except OSError as error:
            raise disk_error(error) from error
