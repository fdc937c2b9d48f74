"""The real service in a process of its own, for tests that kill it."""

import http.client
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fakes.profiles import demo_profile

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 30.0


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_service(
    data_dir: Path, port: int, broker_port: int | None = None, *more: str
) -> "subprocess.Popen[bytes]":
    """Start ``edge run`` on the demo shop; it logs to ``<data_dir>.log``.

    Options in ``more`` win, so that ``--config`` there takes another profile.
    """
    profile = data_dir.with_name(f"{data_dir.name}.toml")
    profile.write_text(demo_profile(), "utf-8")
    command = [sys.executable, "-m", "edge.app.main", "run", "--data", str(data_dir)]
    command += ["--config", str(profile)]
    command += ["--port", str(port), "--device", "kiosk-a", *more]
    if broker_port is not None:
        command += ["--mqtt", f"127.0.0.1:{broker_port}"]
    with data_dir.with_name(f"{data_dir.name}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when the service answers.

    Raises:
        RuntimeError: It ended, or did not answer in time.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            msg = f"the service ended with code {process.returncode} before it answered"
            raise RuntimeError(msg)
        try:
            status, _ = request(port, "GET", "/api/v1/health", timeout_s=2)
        except OSError:
            time.sleep(0.02)
            continue
        if status == 200:
            return
    msg = f"the service did not answer within {READY_WITHIN_S:.0f} s"
    raise RuntimeError(msg)


def request(
    port: int, method: str, path: str, body: object = None, *, timeout_s: float = 10
) -> tuple[int, Any]:
    """Return the status and the parsed JSON (None where there is none) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        headers = {} if body is None else {"Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, headers)
        answer = connection.getresponse()
        text = answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
    return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else None


@dataclass
class RunningService:
    """A started service as a context manager; it is asked to stop at the end."""

    process: "subprocess.Popen[bytes]"
    port: int

    @classmethod
    def start(cls, data_dir: Path, broker_port: int | None = None, *more: str) -> Self:
        """Start it on a free port and wait until it answers."""
        port = free_port()
        process = start_service(data_dir, port, broker_port, *more)
        try:
            wait_until_ready(port, process)
        except RuntimeError:
            process.kill()
            process.wait()
            raise
        return cls(process, port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return the status and JSON of one request."""
        return request(self.port, method, path, body)

    def stop(self) -> int:
        """Ask it to stop, as systemd would, and return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """Kill it as a power cut would: nothing is flushed."""
        self.process.kill()
        self.process.wait(timeout=20)
