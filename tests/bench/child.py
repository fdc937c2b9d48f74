"""Start a server in a process of its own, and talk to it over kept connections."""

import http.client
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.cpu import process_cpu_s

ROOT: Final = Path(__file__).parents[2]
READY_S: Final = 120


@dataclass(frozen=True, slots=True)
class Child:
    """A running server."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Return the CPU time it has used so far."""
        return process_cpu_s(self.pid)

    def pss_bytes(self) -> int:
        """Return its proportional set size: its memory, shared pages by their share."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii")
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that stays open."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)


@contextmanager
def running(*arguments: object, python: str = sys.executable) -> Iterator[Child]:
    """Give ``tests.bench.serve`` with ``arguments``; it ends with the block.

    Raises:
        RuntimeError: It did not come up.
    """
    command = [python, "-m", "tests.bench.serve", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Child(process.pid, _port(process))
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def service_python() -> str:
    """Return the service's own interpreter, where memory counts; this one if it is not there."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def _port(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if waiting.select(READY_S) else b""
    if not line.strip().isdigit():
        msg = f"wanted a port from the server within {READY_S} s, got {line!r}; see its errors"
        raise RuntimeError(msg)
    return int(line)
