"""Commands of ours as processes that can be killed, each a fork of one that has imported everything.

Python takes seconds to start on a busy machine, a fork takes milliseconds; a kill of it is a real
``kill -9``, and it runs what ``edge …`` runs.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, NoReturn

ROOT: Final = Path(__file__).parents[2]
_IMPORTED: Final = (
    "edge.app.main",
    "edge.app.wiring",
    "edge.central.bridge.command",
    "onnxruntime",
)


class Forked:
    """Starts commands and kills them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to: IO[str] = process.stdin
        self._from: IO[str] = process.stdout

    def start(self, log: Path, *arguments: str) -> int:
        """Run ``edge`` with ``arguments``, adding what it says to ``log``; return its process id."""
        return self._ask(["start", str(log), *arguments])

    def kill(self, pid: int) -> bool:
        """Kill -9, and say whether it was still running."""
        return self._ask(["kill", str(pid)]) == 0

    def is_running(self, pid: int) -> bool:
        """Say whether it has not ended by itself."""
        return self._ask(["look", str(pid)]) == 0

    def _ask(self, words: Sequence[str]) -> int:
        self._to.write(json.dumps(words) + "\n")
        self._to.flush()
        return int(self._from.readline())


@contextlib.contextmanager
def forked() -> Iterator[Forked]:
    """Run it for the length of a ``with``; whoever still runs is killed at its end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.forked"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Forked(process)


def _mother() -> None:
    for name in _IMPORTED:
        importlib.import_module(name)
    alive: set[int] = set()
    for line in sys.stdin:
        what, first, *arguments = json.loads(line)
        if what == "start":
            answer = os.fork()
            if answer == 0:
                _run(first, arguments)
            alive.add(answer)
        elif what == "look":
            answer = int(int(first) not in alive or _has_ended(int(first)))
            if answer:
                alive.discard(int(first))
        else:
            answer = _killed(int(first)) if int(first) in alive else 1
            alive.discard(int(first))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in alive:
        _killed(pid)


def _killed(pid: int) -> int:
    """Kill and bury; 0: it was running until now."""
    if _has_ended(pid):
        return 1
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return 0


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] != 0


def _run(log: str, arguments: list[str]) -> NoReturn:
    code = 1
    try:
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, target in ((nothing, 0), (said, 1), (said, 2)):
            os.dup2(number, target)
        sys.argv = ["edge", *arguments]
        importlib.import_module("edge.app.main").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _mother()
