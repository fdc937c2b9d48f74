"""The repository on disk: one writer at a time, every file whole or not there.

    metadata/  1.root.json, 7.models.json, 12.snapshot.json …, timestamp.json
    targets/   models/ranker/1.2.0/<sha256>.ranker-1.2.0.tar …
    .incoming/ files on their way; never served

Only ``timestamp.json`` is ever replaced: all else has a number or a digest in its name, so that
whoever is in the middle of reading an older state can finish. What a killed run left behind is
named by nothing, and the next run writes over it.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.central.fleet.releases.tuf_api import TargetFile
from edge.core.errors import StorageUnavailableError

TIMESTAMP_FILE: Final = "timestamp.json"
Step = Callable[[str], None]
"""Told before and after each change on disk; tests end the process there."""


class RepositoryFolder:
    """Reads and writes the files of one repository."""

    def __init__(self, folder: Path, at_step: Step = lambda _: None) -> None:
        self.folder = folder
        self.metadata = folder / "metadata"
        self.targets = folder / "targets"
        self._incoming = folder / ".incoming"
        self._at_step = at_step

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the repository for one change; a second writer waits until it is done."""
        try:
            for part in (self.metadata, self.targets):
                part.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("ab")
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(self._incoming, ignore_errors=True)
            yield

    def put_metadata(self, name: str, content: bytes) -> None:
        """Write one file of metadata, on disk before this returns."""
        self._put(self.metadata / name, content)

    def put_target(self, target: TargetFile, content: bytes) -> None:
        """Write the bytes of a target under the name that holds its digest."""
        path = self.target_file(target)
        if not self.has_target(target):
            self._put(path, content)

    def target_file(self, target: TargetFile) -> Path:
        """Return where the bytes of ``target`` lie."""
        return self.targets / target.get_prefixed_paths()[0]

    def has_target(self, target: TargetFile) -> bool:
        """Say whether the bytes of ``target`` are here, and are those that were signed."""
        try:
            with self.target_file(target).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                return file.tell() == target.length and found == target.hashes["sha256"]
        except OSError:
            return False

    def root_versions(self) -> tuple[int, ...]:
        """Return the numbers of all root metadata, in order."""
        names = (path.name.split(".")[0] for path in self.metadata.glob("*.root.json"))
        return tuple(sorted(int(name) for name in names if name.isdigit()))

    def _put(self, path: Path, content: bytes) -> None:
        name = path.relative_to(self.folder).as_posix()
        incoming = self._incoming / name.replace("/", "+")
        try:
            self._at_step(f"write {name}")
            self._incoming.mkdir(exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with incoming.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._at_step(f"rename {name}")
            incoming.replace(path)
            self._at_step(f"renamed {name}")
            _sync_names(path.parent, self.folder)
        except OSError as error:
            raise _unwritable(path, error) from error


def _sync_names(folder: Path, top: Path) -> None:
    """Make new names last: those in ``folder``, and those of the folders above it."""
    for one in (folder, *folder.parents):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if one == top:
            return


def _unwritable(path: Path, error: OSError) -> StorageUnavailableError:
    return StorageUnavailableError(
        f"wanted to write {path}, got: {error.strerror}; nothing that devices see has changed"
    )
