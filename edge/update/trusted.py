"""What is signed, by its path: looked for and fetched from whoever has it.

One bad document never costs what is trusted already: python-tuf keeps a document only after it was
verified, and each look begins from what is on the disk.

Source: fleet.md 6; decided.md 46, 49.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tuf.api.metadata import TargetFile  # type: ignore[attr-defined]

from edge.core.clock import Clock
from edge.store.quarantine import flush_folder
from edge.update.clock_floor import ClockFloor
from edge.update.clocked_updater import ClockedUpdater, first_hash
from edge.update.connections import Connections, Line
from edge.update.download import Download
from edge.update.fetcher import Fetcher
from edge.update.folder_lock import FolderLock
from edge.update.part import Wanted
from edge.update.sources import Sources
from edge.update.untrusted import told_apart

TIMESTAMP_HOLDS: Final = timedelta(days=14)
"""From its signature on, decided.md 46. One that holds for less only teaches the floor less."""


@dataclass(frozen=True)
class _Look:
    source: str
    updater: ClockedUpdater


@dataclass(kw_only=True)
class Trusted:
    """One folder of trusted metadata, and who may add to it.

    Args:
        metadata: The folder.
        root: The pinned root.
        sources: Addresses above ``metadata/`` and ``targets/``; the repository itself last.
        clock: Tells what has expired.
        floor: Tells whether the clock may.
        download: How files are fetched.
        line: How sources are reached.
    """

    metadata: Path
    root: bytes = field(repr=False)
    sources: Sequence[str]
    clock: Clock
    floor: ClockFloor
    download: Download
    line: Line = field(default_factory=Line)

    def __post_init__(self) -> None:
        self.whom = Sources(self.sources, self.clock)
        self._connections = Connections(self.line)
        self._lock = FolderLock(self.metadata / "lock")
        self._look: _Look | None = None

    def refresh(self, *, asks_origin: bool = False) -> None:
        """Learn what is signed now.

        Args:
            asks_origin: Do not rest on the word of a device of the shop.

        Raises:
            ClockBehindError: The clock is wrong; nothing is evaluated by it.
            UnavailableError: Nobody could be asked.
            UntrustedReleaseError: The repository gave what must not be used.
        """
        self._look = self._refreshed(asks_origin=asks_origin)

    def find(self, path: str) -> TargetFile | None:
        """Return what is signed about ``path``; None: nothing.

        Raises:
            UnavailableError: As ``refresh``.
            UntrustedReleaseError: As ``refresh``.
        """
        look = self._looked()

        def ask(source: str) -> TargetFile | None:
            mine = look if source == look.source else self._look_at(source)
            with told_apart(source):
                found = mine.updater.get_targetinfo(path)
            self._look = mine
            return found

        with self._connections:
            return self.whom.first(ask, before=look.source)

    def bring(self, target: TargetFile, into: Path, still: Callable[[], bool]) -> Path:
        """Fetch the bytes of ``target`` into a file, unless they are there.

        Raises:
            NoLongerWantedError: ``still`` said no; what came is kept.
            UnavailableError: Nobody could be asked; what came is kept.
            UntrustedReleaseError: The repository gave other bytes.
        """
        wanted = Wanted(target, into, first_hash(target), still)
        if wanted.is_there():
            return into
        address = quote(self._looked().updater.address_of(target))

        def ask(source: str) -> Path:
            with told_apart(source):
                self.download.fetch(wanted, self._connections, f"{source}/targets/{address}")
            return into

        with self._connections:
            return self.whom.first(ask)

    def close(self) -> None:
        """Leave the folder to others."""
        self._look = None
        self._lock.let_go()

    def _looked(self) -> _Look:
        if self._look is None:
            self._look = self._refreshed()
        return self._look

    def _refreshed(self, *, asks_origin: bool = False) -> _Look:
        self.floor.require(self.clock)
        with told_apart("the disk"):
            self._lock.hold()
            _sweep(self.metadata)
        asks_origin = asks_origin or self.whom.is_origin_due()
        with self._connections:
            found = self.whom.first(self._look_at)
            if asks_origin and found.source != self.whom.origin:
                found = self.whom.origin_too(self._look_at) or found
        return found

    def _look_at(self, source: str) -> _Look:
        now = self.floor.require(self.clock)
        with told_apart(source):
            updater = ClockedUpdater(
                self.metadata, source, Fetcher(self._connections), root=self.root, now=now
            )
            before = _written(self.metadata)
            updater.refresh()
            _flush(_written(self.metadata) - before)
        self.floor.confirm(now, updater.holds_until - TIMESTAMP_HOLDS)
        return _Look(source, updater)


def _sweep(folder: Path) -> None:
    # python-tuf writes beside and renames; a power cut in between leaves the copy.
    for left in folder.glob("tmp*"):
        left.unlink(missing_ok=True)


def _written(folder: Path) -> set[tuple[Path, int]]:
    files = (*folder.glob("*.json"), *folder.glob("root_history/*.json"))
    return {(one, one.stat().st_mtime_ns) for one in files if not one.is_symlink()}


def _flush(written: set[tuple[Path, int]]) -> None:
    # python-tuf leaves flushing to the system, and a file that a power cut emptied is one that
    # protects from no older document.
    for file, _ in written:
        with file.open("rb") as found:
            os.fsync(found.fileno())
    for parent in {file.parent for file, _ in written}:
        flush_folder(parent)
