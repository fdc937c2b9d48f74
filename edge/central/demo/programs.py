"""The programs that the demo runs: each with a log of its own, ended in order, and only these.

Who ends unexpectedly and is meant to stay is started again, as a service manager would; whoever
waits for something calls ``Programs.look``. All of them end with the demo, however that ends.
"""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from edge.core.errors import UnavailableError

EDGE: Final = (sys.executable, "-m", "edge.app.main")
PAUSE_S: Final = 1.0
"""Between the end of a program and its next start."""
_PATIENCE_S: Final = 20.0
_MOST_ENDS: Final = 5
"""Started again so often, it does not come up at all."""
_LINES: Final = 12


@dataclass(slots=True)
class Program:
    """One program; ``stays``: it is started again when it ends by itself."""

    name: str
    command: Sequence[str]
    log: Path
    stays: bool = False
    ended: list[int] = field(default_factory=list)
    """How it ended, each time that nobody had asked it to; negative: the signal's number."""
    has_been_up: bool = False
    """It answered once; what ends before that is not started again."""
    _process: subprocess.Popen[bytes] | None = None
    _again_at_s: float = 0.0

    def start(self) -> None:
        """Start it; it ends with this process."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the demo's own commands, no shell
                [*_bound(), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which ends the others in order
            )

    @property
    def is_running(self) -> bool:
        """Say whether it runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait for it; what does not end in time is killed."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def look(self) -> None:
        """Start it again if it ended by itself.

        Raises:
            UnavailableError: It ended, and is not one that is started again, or not any more.
        """
        process = self._process
        if process is None or process.poll() is None:
            return
        if not self.stays or len(self.ended) >= _MOST_ENDS:
            self._process = None
            raise UnavailableError(self._gone(process.returncode))
        if self._again_at_s == 0.0:
            self.ended.append(process.returncode)
            if not self.has_been_up:
                self._process = None
                raise UnavailableError(self._gone(process.returncode))
            self._again_at_s = time.monotonic() + PAUSE_S
        elif time.monotonic() >= self._again_at_s:
            self._again_at_s = 0.0
            self.start()

    def _gone(self, code: int) -> str:
        said = self.log.read_text("utf-8", "replace").splitlines()[-_LINES:]
        return f"wanted {self.name} to run on, it ended with {code}:\n  " + "\n  ".join(said)


class Programs:
    """Every program of the demo, in the order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._all: list[Program] = []

    def start(self, name: str, *command: str, stays: bool = False) -> Program:
        """Start a program."""
        made = Program(name, command, self._logs / f"{name}.log", stays)
        made.start()
        self._all.append(made)
        return made

    def look(self) -> None:
        """Start again whoever ended and is meant to stay."""
        for program in self._all:
            program.look()

    def wait_until(self, is_so: Callable[[], object], what: str, within_s: float = 60.0) -> float:
        """Return after how many seconds ``is_so`` was true; programs are looked after meanwhile.

        Raises:
            UnavailableError: It was not in time.
        """
        began = time.monotonic()
        while not is_so():
            self.look()
            if time.monotonic() - began > within_s:
                msg = f"waited {within_s:.0f} s until {what}; logs are in {self._logs}"
                raise UnavailableError(msg)
            time.sleep(0.2)
        return time.monotonic() - began

    def stop(self) -> None:
        """End all of them, the last first."""
        for program in reversed(self._all):
            how = signal.SIGINT if program.name == "postgresql" else signal.SIGTERM
            program.stop(how)
        self._all.clear()


def fleet(*arguments: str | Path) -> str:
    """Run one command of ``edge fleet`` in this process, for speed; return what it printed.

    Raises:
        EdgeError: What the command itself raises.
    """
    (point,) = entry_points(group="edge.commands", name="fleet")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        point.load().main([*map(str, arguments)], prog_name="edge fleet", standalone_mode=False)
    return printed.getvalue()


def edge(*arguments: str | Path) -> str:
    """Run one command of ``edge`` to its end and return what it printed.

    Raises:
        UnavailableError: It failed; the message is its own.
    """
    return finished([*EDGE, *map(str, arguments)])


def finished(command: Sequence[str], cwd: Path | None = None) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        UnavailableError: It failed; the message is its own.
    """
    done = subprocess.run(  # noqa: S603 - the same
        command, capture_output=True, text=True, check=False, cwd=cwd, timeout=120
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-1500:]
        msg = f"wanted {' '.join(command[2:6])} to succeed, got {done.returncode}: {said}"
        raise UnavailableError(msg)
    return done.stdout


def debian(name: str) -> str:
    """Return where a program of Debian's lies; system administration's are not in every PATH.

    Raises:
        UnavailableError: It is not installed.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if found is None:
        msg = f"wanted {name}, it is not installed; run `make fleet-demo`, which installs it"
        raise UnavailableError(msg)
    return found


def _bound() -> list[str]:
    """Return what makes a program end when the demo is killed; setpriv is in every Debian."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
