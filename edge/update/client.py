"""The signed releases of a shop's repository, as the device's release machine asks for them.

Below it everything is verified: what this gives was signed, holds, and is never older than what the
device has seen.

Source: fleet.md 6; decided.md 46, 49.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tuf.api.metadata import TargetFile  # type: ignore[attr-defined]

from edge.core.clock import Clock
from edge.core.errors import WireContractError
from edge.update.clock_floor import ClockFloor
from edge.update.connections import Line
from edge.update.download import Download
from edge.update.downloads import Downloads
from edge.update.pace import LinePace
from edge.update.part import Wanted, fetched_bytes
from edge.update.space import FreeBytes, Room, free_bytes, require_room
from edge.update.trusted import Trusted
from edge.update.untrusted import disk_error
from edge.wire.releases import PackageFacts, read_facts
from edge.wire.rollout import MAX_DOCUMENT_BYTES, RolloutDocument, read_document, rollout_path

METADATA: Final = "metadata"
_DOCUMENT: Final = ".json"


@dataclass(frozen=True)
class Package:
    """A package that was signed.

    Args:
        path: Where it lies in the repository.
        facts: What is signed about it.
        length: Of its bytes.
        sha256: Of its bytes.
    """

    path: str
    facts: PackageFacts
    length: int
    sha256: str


@dataclass(kw_only=True)
class Releases:
    """Everything that is signed for this device.

    Args:
        folder: Holds ``metadata/`` and ``downloads/``; one process at a time.
        root: The pinned root.json.
        sources: Addresses above ``metadata/`` and ``targets/``: devices of the shop that pass files
            on, then the repository itself.
        clock: Tells what has expired.
        pace: How much of the line a package may take.
        floor: Tells whether the clock can be right.
        reserve_bytes: What must stay free on the disk.
        line: How sources are reached.
        free: Tells what is free on the disk.
    """

    folder: Path
    root: bytes = field(repr=False)
    sources: Sequence[str]
    clock: Clock
    pace: LinePace
    floor: ClockFloor
    reserve_bytes: int = 256 << 20
    line: Line = field(default_factory=Line)
    free: FreeBytes = free_bytes

    def __post_init__(self) -> None:
        self._downloads = Downloads(self.folder)
        self._trusted = Trusted(
            metadata=self.folder / METADATA,
            root=self.root,
            sources=self.sources,
            clock=self.clock,
            floor=self.floor,
            download=Download(pace=self.pace),
            line=self.line,
        )

    @property
    def faults(self) -> dict[str, str]:
        """By source, what was wrong when it was last asked; for health."""
        return dict(self._trusted.whom.faults)

    def refresh(self, *, asks_origin: bool = False) -> None:
        """Learn what is signed now.

        Args:
            asks_origin: Do not rest on the word of a device of the shop: the doorbell rang.

        Raises:
            ClockBehindError: The clock is wrong; nothing is evaluated by it.
            UnavailableError: Nobody could be asked, or a captive portal answered.
            UntrustedReleaseError: The repository gave what must not be used.
        """
        self._trusted.refresh(asks_origin=asks_origin)

    def rollout(self, name: str) -> RolloutDocument | None:
        """Return which release of ``name`` whom is for; None: nobody has said so.

        Raises:
            UnavailableError: As ``refresh``.
            UntrustedReleaseError: As ``refresh``.
            WireContractError: What is signed is no such document.
        """
        path = rollout_path(name)
        target = self._trusted.find(path)
        if target is None:
            return None
        if target.length > MAX_DOCUMENT_BYTES:
            msg = f"{path}: wanted at most {MAX_DOCUMENT_BYTES} bytes, got {target.length} signed"
            raise WireContractError(msg)
        into = self._downloads.path(_sha256(target), f"{name}{_DOCUMENT}")
        document = read_document(self._trusted.bring(target, into, _always).read_bytes())
        self._downloads.keep_only({into}, named=f"{name}{_DOCUMENT}".__eq__)
        if document.name != name:
            msg = f"{path}: wanted the document of {name}, got that of {document.name}"
            raise WireContractError(msg)
        return document

    def package(self, path: str) -> Package | None:
        """Return what is signed about the package at ``path``; None: nothing.

        Raises:
            UnavailableError: As ``refresh``.
            UntrustedReleaseError: As ``refresh``.
            WireContractError: What is signed does not describe a package.
        """
        target = self._trusted.find(path)
        if target is None:
            return None
        facts = read_facts(target.custom, path)
        return Package(path, facts, target.length, _sha256(target))

    def download_path(self, package: Package) -> Path:
        """Return where to fetch ``package`` to, for the shop's other devices to find it there."""
        return self._downloads.path(package.sha256, package.path.rpartition("/")[2])

    def fetch(self, package: Package, into: Path, is_wanted: Callable[[], bool]) -> Path:
        """Fetch ``package`` into a file, going on where an earlier try ended.

        Args:
            package: What to fetch.
            into: Where to.
            is_wanted: Asked twice a second; False ends it.

        Raises:
            NoRoomError: The disk has no room for it and what is unpacked from it.
            NoLongerWantedError: ``is_wanted`` said no; what came is kept.
            UnavailableError: Nobody could be asked; what came is kept.
            UntrustedReleaseError: The repository gave other bytes.
        """
        target = TargetFile(package.length, {"sha256": package.sha256}, package.path)
        wanted = Wanted(target, into, package.sha256)
        try:
            into.parent.mkdir(parents=True, exist_ok=True)
            there = package.length if into.exists() else fetched_bytes(wanted)
        except OSError as error:
            raise disk_error(error) from error
        room = Room(package.length, there, package.facts.size_unpacked, self.reserve_bytes)
        require_room(room, into.parent, self.free)
        return self._trusted.bring(target, into, is_wanted)

    def keep_only(self, name: str, packages: Iterable[Package]) -> None:
        """Delete every package of ``name`` that was fetched but ``packages``.

        Raises:
            StorageUnavailableError: The disk.
        """
        kept = {self.download_path(package) for package in packages}
        self._downloads.keep_only(kept, named=_versions_of(name).fullmatch)

    def close(self) -> None:
        """Leave the folder to other processes."""
        self._trusted.close()


def _always() -> bool:
    return True


def _versions_of(name: str) -> re.Pattern[str]:
    # "ranker" is not "ranker-small": what follows the last hyphen is the version.
    return re.compile(rf"{re.escape(name)}-[0-9.]+\.tar")


def _sha256(target: TargetFile) -> str:
    found = target.hashes.get("sha256")
    if found is None:
        msg = f"{target.path}: wanted a signed SHA-256, got {', '.join(target.hashes)}"
        raise WireContractError(msg)
    return found
