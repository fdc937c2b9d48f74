"""What this device may pass on to others of its shop, by the path they ask the repository for.

Only files that were verified here have a name here. Whoever takes them verifies them again, so this
needs no trust; it needs only never to give another file away.

Source: fleet.md 6 ("store cache").
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from edge.update.client import METADATA
from edge.update.downloads import FOLDER
from edge.update.part import PART

_ROOT: Final = re.compile(r"metadata/([1-9][0-9]{0,8}\.root\.json)", re.ASCII)
_TIMESTAMP: Final = "metadata/timestamp.json"
_VERSIONED: Final = re.compile(r"metadata/([1-9][0-9]{0,8})\.([a-z0-9_-]{1,64})\.json", re.ASCII)
_TARGET: Final = re.compile(
    r"targets/(?:[a-z0-9][a-z0-9._-]{0,63}/){0,8}([0-9a-f]{64}\.[a-z0-9][a-z0-9._-]{0,63})",
    re.ASCII,
)


@dataclass(frozen=True)
class Cache:
    """Finds files in the folder of ``Releases``; reads only.

    Args:
        folder: The one that ``Releases`` keeps.
    """

    folder: Path

    def file(self, path: str) -> Path | None:
        """Return the file that lies at ``path`` of the repository, if it is here.

        Args:
            path: Decoded, below the repository's address: ``metadata/…`` or ``targets/…``.
        """
        found = self._named(path)
        return found if found is not None and found.is_file() else None

    def _named(self, path: str) -> Path | None:
        metadata = self.folder / METADATA
        if path == _TIMESTAMP:
            return metadata / "timestamp.json"
        if root := _ROOT.fullmatch(path):
            return metadata / "root_history" / root[1]
        if role := _VERSIONED.fullmatch(path):
            file = metadata / f"{role[2]}.json"
            return file if _version(file) == int(role[1]) else None
        if (target := _TARGET.fullmatch(path)) and not target[1].endswith(PART):
            return self.folder / FOLDER / target[1]
        return None


def _version(file: Path) -> int | None:
    # python-tuf keeps only the newest of each role, under a name without its version.
    try:
        found = orjson.loads(file.read_bytes())["signed"]["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, int) else None
