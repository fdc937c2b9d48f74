"""A whole appliance that follows signed shop texts and settings, started again when it asks to be.

Run as a program it is one start of such a device in a process of its own, forked from one that has
everything imported; it kills itself -9 at the step that it was told.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final, Self

from edge.app.at_start.begin import begin
from edge.app.at_start.build import StartRelease
from edge.app.profile import Profile
from edge.app.releases.folder import ReleaseFolder
from edge.app.wiring import Appliance, build_begun
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.store.release_rows import ReleaseRows
from edge.wire.releases import Phase, ReleaseState
from tests.fakes.appliance import DEMO_SITE, ROOT
from tests.fakes.profiles import demo_profile
from tests.fakes.repository import RunningRepository

SITE: Final = "harbour-kitchen"
CONFIG: Final = "kiosk"


def menu(folder: Path, old: str, new: str, file: str = "products") -> Path:
    """Copy the demo shop into ``folder``, with one text changed wherever it stands."""
    shutil.copytree(DEMO_SITE, folder)
    changed = 0
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text()
        if file in path.as_posix() and old in text:
            path.write_text(text.replace(old, new))
            changed += 1
    assert changed, f"{old!r} is nowhere in {file}"
    return folder


def texts(folder: Path) -> dict[str, bytes]:
    """Return the files of a shop's folder, mistakes and all."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")
    }


@dataclass
class Device:
    """A device of the demo shop; its threads do not run."""

    profile: Profile
    clock: SettableClock
    told: list[ReleaseState] = field(default_factory=list)
    starts: int = 0
    _built: Appliance | None = None

    @classmethod
    def at(cls, data: Path, url: str, root: Path, clock: SettableClock, **more: object) -> Self:
        """Return a device whose data is in ``data``; it is not started yet."""
        overrides = {
            "data_folder": str(data),
            "update.repository": url,
            "update.trust_file": str(root),
            "update.config": CONFIG,
        } | more
        return cls(Profile(demo_profile(), "demo.toml", overrides=overrides), clock)

    @property
    def built(self) -> Appliance:
        """The running appliance."""
        assert self._built is not None, "it is not started"
        return self._built

    def start(self) -> None:
        """Start the service as ``edge run`` does."""
        begun = begin(self.profile, self.clock())
        self._built = build_begun(begun, clock=self.clock, chance=system_chance)
        self.starts += 1
        for one in self._built.releases.at_start:
            one.keeping.tell = self.told.append

    def stop(self) -> None:
        """Stop it as a signal does."""
        if self._built is not None:
            self._built.stop()
            self._built = None

    def abandon(self) -> None:
        """End it as a kill does: that it ended is written down nowhere."""
        for one in self.built.releases.all:
            one._is_counted = False
        self.stop()

    def start_again(self) -> None:
        """Do what systemd does after exit code 75."""
        assert self.built.restart.why, "nobody asked for another start"
        self.stop()
        self.start()

    def everybody_leaves(self) -> None:
        """Let visits run out by themselves."""
        self.clock.advance(timedelta(seconds=200))
        next(job for job in self.built.supervisor.jobs if job.name == "kiosks").run()

    def of(self, kind: str) -> StartRelease:
        """Return the releases of shop texts or settings."""
        return next(one for one in self.built.releases.at_start if one.kind == kind)

    def look(self, kind: str) -> Phase:
        """Look for news and go on, as the thread would."""
        releasing = self.of(kind).releasing
        releasing.ring()
        releasing.step()
        return releasing.state.phase

    def watch(self, kind: str, minutes: int) -> Phase:
        """Let a trial go on for so long."""
        for _ in range(minutes):
            self.clock.advance(timedelta(minutes=1))
            self.of(kind).releasing.step()
        return self.of(kind).releasing.state.phase

    def serves(self, kind: str) -> str | None:
        """Return the version that serves; None: what was there before any."""
        return self.of(kind).releasing.state.serving.version

    def bring(self, kind: str) -> None:
        """Take what is offered, start with it, and commit it."""
        assert self.look(kind) is Phase.TRIAL
        self.start_again()
        assert self.watch(kind, 2) is Phase.COMMITTED


@contextmanager
def device(
    data: Path, repository: RunningRepository, clock: SettableClock, **more: object
) -> Iterator[Device]:
    """Start a device that trusts ``repository``."""
    root = data.with_name(f"{data.name}-root.json")
    root.write_bytes(repository.root)
    found = Device.at(data, repository.url, root, clock, **more)
    found.start()
    try:
        yield found
    finally:
        found.stop()


@dataclass
class Starts:
    """Starts of a device as processes."""

    to: IO[str]
    back: IO[str]

    def run(self, asked: Mapping[str, object]) -> int:
        """Start it, let it look and go on until it ends; return how (negative: the signal)."""
        self.to.write(json.dumps(asked) + "\n")
        self.to.flush()
        return int(self.back.readline())


@contextmanager
def starts() -> Iterator[Starts]:
    """Have starts made while this is open."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.restarted"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Starts(process.stdin, process.stdout)


def _mother() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _one_start(json.loads(line))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _one_start(asked: dict[str, str]) -> None:
    code = 1
    try:
        _kill_at(int(asked["cut"]))
        clock = SettableClock(datetime.fromisoformat(asked["now"]))
        found = Device.at(Path(asked["data"]), asked["url"], Path(asked["root"]), clock)
        found.start()
        found.look(asked["kind"])
        code = 75 if found.built.restart.why else 0
        if not code:
            found.watch(asked["kind"], 2)
            code = 75 if found.built.restart.why else 0
        found.stop()
    finally:
        os._exit(code)


def _kill_at(cut: int) -> None:
    """Count the effects on the disk, and kill this process before the one with this number."""
    left = [cut]

    def counted(inner: Callable[..., object]) -> Callable[..., object]:
        def effect(*given: object, **more: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*given, **more)

        return effect

    for owner, name in ((ReleaseRows, "keep"), (ReleaseFolder, "point"), (Path, "rename")):
        setattr(owner, name, counted(getattr(owner, name)))


if __name__ == "__main__":
    _mother()
