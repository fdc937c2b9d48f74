"""A device's releases without its shop: real repository, database, folder and client, made quickly.

The packages are packages in shape alone, so admission lets each of them pass and serving one is
free. Everything that reaches the disk is the product's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from edge.app.releases.folder import RELEASES, ReleaseFolder
from edge.app.releases.install import Install
from edge.app.releases.keeping import Keeping, KeepingParts
from edge.app.releases.releasing import Releasing
from edge.app.releases.tools import Rules, Tools
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.store.store import Store
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.layout import NAMES
from edge.update.machine_state import Held, State
from edge.update.machine_words import Shadowed
from edge.update.pace import LinePace
from edge.update.space import FreeBytes, free_bytes
from edge.update.trial import Health
from edge.update.verdict import Verdict
from edge.wire.cloudevents import Origin
from edge.wire.releases import Phase
from tests.fakes.repository import RunningRepository

NAME: Final = "ranker"
SITE: Final = "harbour-kitchen"
PACKAGE_BYTES: Final = 40_000


def publish(repository: RunningRepository, version: str) -> None:
    """Sign a package that is one in shape, of about ``PACKAGE_BYTES``."""
    files = {name: f"{name} of {version}".encode() for name in NAMES}
    files[NAMES[1]] = version.encode() * (PACKAGE_BYTES // len(version))
    repository.publish_files(files, {"version": version})


class AtOnce:
    """Serves whatever it is told to, and is well."""

    def make(self, state: State) -> None: ...

    def begin_shadow(self, package: Held) -> None: ...

    def health(self, state: State) -> Health | None:
        return Health(answers=9)

    def shadowed(self) -> Shadowed | None:
        return None


@dataclass
class Quick:
    """One device, as after a start of the service."""

    data: Path
    repository: RunningRepository
    clock: SettableClock
    releasing: Releasing

    @property
    def folder(self) -> ReleaseFolder:
        return ReleaseFolder(self.data / RELEASES / NAME)

    @property
    def downloads(self) -> Path:
        return self.data / RELEASES / "downloads"

    def look(self) -> Phase:
        self.releasing.ring()
        self.releasing.step()
        return self.releasing.state.phase

    def bring(self) -> Phase:
        """Take what is offered as far as it goes."""
        for _ in range(4):
            if self.look() is Phase.COMMITTED:
                break
            self.clock.advance(timedelta(minutes=1))
        return self.releasing.state.phase

    def size_bytes(self) -> int:
        """Return what lies below the releases folder, in all."""
        found = (self.data / RELEASES).rglob("*")
        return sum(path.stat().st_size for path in found if path.is_file())


@contextmanager
def quick(
    data: Path,
    repository: RunningRepository,
    clock: SettableClock,
    *,
    free: FreeBytes = free_bytes,
) -> Iterator[Quick]:
    """Start one."""
    store = Store.open(data, clock=clock, chance=system_chance)
    folder = ReleaseFolder(data / RELEASES / NAME)
    origin = Origin(site=SITE, device="kiosk-1", version="0.1.0", clock_state=lambda: "ntp")
    client = Releases(
        folder=data / RELEASES,
        root=repository.root,
        sources=(repository.url,),
        clock=clock,
        pace=LinePace(0),
        floor=ClockFloor(file=data / "clock_floor", timesync_file=data / "none"),
        reserve_bytes=0,
        free=free,
    )
    keeping = Keeping(NAME, KeepingParts(store.releases, folder, origin, clock, system_chance))
    tools = Tools(
        client=client,
        install=Install(client, folder, lambda _folder, _facts: Verdict(True)),
        swap=AtOnce(),
        keeping=keeping,
        clean=folder.keep_only,
        clock=clock,
        chance=system_chance,
    )
    rules = Rules(NAME, "model", SITE, "0.1.0", 1800.0, lambda: False, lambda _now: True)
    releasing = Releasing(rules, tools, keeping.recall(), None, is_counted=True)
    try:
        yield Quick(data, repository, clock, releasing)
    finally:
        releasing.stop()
        store.close()
