"""Do what the machine asks for before a package serves: look up, fetch, unpack, check.

Every answer is a ``Result``: what lies in the world can be tried again, what lies in the bytes not.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.app.releases.folder import ReleaseFolder
from edge.core.errors import (
    ContractError,
    EdgeError,
    StorageUnavailableError,
    TrustError,
    UnavailableError,
    WireContractError,
)
from edge.recommend.package import MANIFEST
from edge.update.client import Package
from edge.update.clock_floor import ClockBehindError
from edge.update.machine_state import Held
from edge.update.machine_words import Done, Found, Result, Trouble, What
from edge.update.package import unpack
from edge.update.verdict import Verdict
from edge.wire.releases import PackageFacts
from edge.wire.rollout import RolloutDocument


class Client(Protocol):
    """Where signed releases come from; ``edge.update.client.Releases`` in production."""

    def refresh(self, *, asks_origin: bool = False) -> None:
        """Learn what is signed now."""

    def rollout(self, name: str) -> RolloutDocument | None:
        """Return which release whom is for."""

    def package(self, path: str) -> Package | None:
        """Return what is signed about a package."""

    def download_path(self, package: Package) -> Path:
        """Return where to fetch it to."""

    def fetch(self, package: Package, into: Path, is_wanted: Callable[[], bool]) -> Path:
        """Fetch it."""

    def keep_only(self, name: str, packages: Iterable[Package]) -> None:
        """Delete every package of this name that was fetched but ``packages``."""

    def close(self) -> None:
        """Leave the folder to others."""


def manifest_digest(folder: Path) -> str:
    """Return what identifies an unpacked model."""
    manifest = (folder / MANIFEST).read_bytes()
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def trouble_of(error: EdgeError) -> Trouble:
    """Return what an error says about a release, as a code and words."""
    words = str(error)
    match error:
        case ClockBehindError():
            return Trouble("clock", words, is_passing=True)
        case StorageUnavailableError():
            return Trouble("space", words, is_passing=True)
        case UnavailableError():
            return Trouble("network", words, is_passing=True)
        case TrustError() | WireContractError():
            return Trouble("trust", words)
        case _:
            return Trouble("static", words)


@dataclass(frozen=True, slots=True)
class Install:
    """What it takes to bring a package as far as being admitted."""

    client: Client
    folder: ReleaseFolder
    admission: Callable[[Path, PackageFacts], Verdict]
    identify: Callable[[Path], str] = manifest_digest
    """What is recorded of an unpacked package, and found again when it is loaded."""

    def look_up(self, target: str) -> Result:
        """Return what is signed about ``target``."""
        try:
            package = self.client.package(target)
        except EdgeError as error:
            return trouble_of(error)
        if package is None:
            return Trouble("trust", f"{target}: nothing is signed there", is_passing=True)
        return Found(package.facts, package.length, package.sha256)

    def bring(self, what: What, held: Held, is_wanted: Callable[[], bool]) -> Result:
        """Bring the package one step further.

        A download ends when ``is_wanted`` says no, and is gone on with from there the next time.
        """
        match what:
            case What.FETCH:
                return self.fetch(held, is_wanted)
            case What.UNPACK:
                return self.unpack(held, is_wanted)
            case _:
                return self.preflight(held)

    def fetch(self, held: Held, is_wanted: Callable[[], bool]) -> Result:
        """Fetch the package's tar."""
        package = package_of(held)
        try:
            self.client.fetch(package, self.client.download_path(package), is_wanted)
        except EdgeError as error:
            return trouble_of(error)
        return Done()

    def unpack(self, held: Held, is_wanted: Callable[[], bool]) -> Result:
        """Unpack the tar, and say what is in it."""
        into = self.folder.path(held.digest)
        try:
            package = package_of(held)
            tar = self.client.download_path(package)
            self.client.fetch(package, tar, is_wanted)  # it may lie there since a restart
            into.parent.mkdir(parents=True, exist_ok=True)
            # Always anew: what lies there from before may have been damaged since it was verified.
            unpack(tar, into, held.facts)
            found = self.identify(into)
        except EdgeError as error:
            return trouble_of(error)
        except OSError as error:
            return Trouble("space", f"wanted to unpack it, got {error.strerror}", is_passing=True)
        return Done(model=found)

    def preflight(self, held: Held) -> Result:
        """Have it tried by a process of its own."""
        try:
            found = self.admission(self.folder.path(held.digest), held.facts)
        except UnavailableError as error:
            return Trouble("space", str(error), is_passing=True)
        except ContractError as error:
            return Trouble("static", str(error))
        if found.is_good:
            return Done(figures=found.figures)
        return Trouble(found.reason, found.detail, figures=found.figures)


def package_of(held: Held) -> Package:
    """Return a package as the repository's client knows it."""
    return Package(held.target, held.facts, held.length, held.digest)
