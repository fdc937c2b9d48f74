"""Packages on the disk: a folder for each, named by its digest, and one pointer.

    releases/ranker/<digest>/       a package, whole or not there (edge/update/package.py)
    releases/ranker/current.json    what serves, with all that is needed if the database is lost
    releases/content/, config/      the same; there the pointer is what the process starts by

For a model the database says what serves; the pointer is its copy, replaced in one step and flushed.
Only when a damaged database had to be set aside is the pointer asked, and then no trial is gone on
with. Content and configuration are needed before there is a database: see ``edge/app/at_start``.
"""

import logging
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.core.errors import StorageUnavailableError
from edge.update.machine_state import State, Trial
from edge.wire.releases import Phase

log = logging.getLogger(__name__)

RELEASES: Final = "releases"
"""Below the data folder: metadata and downloads of the repository, and a folder for each name."""
POINTER: Final = "current.json"
SEQ_LEAP: Final = 100_000
"""Reports after a lost database are above every one before; central takes the latest number."""


class Pointer(BaseModel):
    """What serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    serves: str  # a digest, or "factory"
    state: State
    refused: Mapping[str, str]


class ReleaseFolder:
    """The packages of one name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where the package with this digest is, or would be."""
        return self.folder / digest

    def point(self, state: State, refused: Mapping[str, str]) -> None:
        """Let the pointer say what serves in ``state``.

        Raises:
            StorageUnavailableError: The disk does not take it.
        """
        pointer = Pointer(serves=state.serving.digest, state=state, refused=dict(refused))
        part = self.folder / f"{POINTER}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(pointer.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / POINTER)
            _flush(self.folder)
        except OSError as error:
            msg = f"wanted to note which model serves, got {error.strerror}; free some space"
            raise StorageUnavailableError(msg) from error

    def pointer(self) -> Pointer | None:
        """Return what the pointer says; None when there is none, or it cannot be read."""
        try:
            return Pointer.model_validate_json((self.folder / POINTER).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep_only(self, digests: frozenset[str]) -> None:
        """Delete the packages with other digests; the factory's is not among them, ever.

        A package loses its name first: what has a digest for its name is whole, whenever it ends.
        """
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.is_dir() and path.name not in digests:
                    gone = path.with_name(f".{path.name.lstrip('.')[:64]}.gone")
                    shutil.rmtree(
                        path if path == gone else _renamed(path, gone), ignore_errors=True
                    )


def recalled(pointer: Pointer, now: datetime) -> State:
    """Return the state to go on with when the database was lost: what served, and no trial."""
    state = pointer.state
    leap = {"seq": state.seq + SEQ_LEAP, "since_at": now, "trial": Trial()}
    if not state.is_under_way:
        return state.model_copy(update=leap)
    # What was under way is offered anew, if central still wants it.
    return state.model_copy(update={**leap, "phase": Phase.IDLE, "course": None})


def _renamed(path: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    return path.rename(to)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
