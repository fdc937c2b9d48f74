"""A decision over HTTP beside the three things it cannot do without, and under load."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.child import ROOT, Child, running, service_python
from tests.bench.cpu import interleaved_us
from tests.bench.decisions import ASKED, bare_graph, shop
from tests.bench.model import write_model
from tests.bench.row import Row
from tests.bench.storage import sql_read_us

SIZE: Final = 5_000
GROUP: Final = f"HTTP, {SIZE:,} items"
ROUNDS: Final = 9
CALLS: Final = 60
USUAL: Final = 200
RATES: Final = (100, 200, 300, 400, 500, 600, 800, 1_000, 1_200)
SECONDS: Final = 3.0
PROMISED_MS: Final = 7.0
CONNECTIONS: Final = 16

QUESTION: Final = json.dumps(
    {"placement": ASKED.placement_id, "screen": ASKED.screen_id, "basket": ASKED.basket}
).encode()


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        model, data = Path(folder) / "model", Path(folder) / "data"
        write_model(SIZE, model)
        options = ("--items", SIZE, "--model", model, "--data", data)
        service = stack.enter_context(running("service", *options, python=service_python()))
        bare = stack.enter_context(running("bare", python=service_python()))
        idle_cores = _idle_cores(service)
        yield from _alone(service, bare, Path(folder))
        yield from _under_load(service, idle_cores)


def _alone(service: Child, bare: Child, folder: Path) -> Iterator[Row]:
    with shop(SIZE) as built:
        graph = interleaved_us({"graph": bare_graph(built)}, calls=100)["graph"]
    read = sql_read_us(folder)
    decision, wsgi = _interleaved_us(
        (service, lambda c: _post(c, QUESTION)), (bare, lambda c: _get(c, "/"))
    )
    yield Row(GROUP, "bare WSGI on waitress, CPU", wsgi, "µs")
    yield Row(
        GROUP, "decision asked alone, CPU", decision, "µs", wsgi + graph + read, "WSGI+ORT+SQL", 3.0
    )


def _interleaved_us(*asked: tuple[Child, Callable[[HTTPConnection], object]]) -> list[float]:
    """Return the median CPU time of the server per request of each, measured in turns."""
    opened = [(child, child.connect(), ask) for child, ask in asked]
    took: list[list[float]] = [[] for _ in asked]
    for _ in range(ROUNDS + 1):
        for found, (child, connection, ask) in zip(took, opened, strict=True):
            began = child.cpu_s()
            for _ in range(CALLS):
                ask(connection)
            found.append((child.cpu_s() - began) / CALLS * 1e6)
    for _, connection, _ in opened:
        connection.close()
    return [median(each[1:]) for each in took]


def _under_load(service: Child, idle_cores: float) -> Iterator[Row]:
    """Raise the rate until the 90th percentile breaks the promise; one rate after the other."""
    began = service.cpu_s()
    found = _load(service, USUAL)
    cores = (service.cpu_s() - began) / SECONDS
    yield Row(GROUP, f"cores at {USUAL} decisions/s", cores, "cores", budget=0.5)
    yield Row(GROUP, f"p90 at {USUAL} decisions/s, wall", found["p90_ms"], "ms")
    yield Row(GROUP, f"p99 at {USUAL} decisions/s, wall", found["p99_ms"], "ms")
    kept = 0.0
    for rate in RATES:
        found = _load(service, rate)
        is_kept = found["per_s"] >= 0.98 * rate and not found["failed"]
        if not is_kept or found["p90_ms"] >= PROMISED_MS:
            break
        kept = found["per_s"]
    name = f"recorded decisions/s at p90 < {PROMISED_MS:.0f} ms"
    yield Row(GROUP, name, kept, "1/s", budget=1_000, more_is_better=True)
    full = _load(service, 0)
    yield Row(GROUP, f"decisions/s, {CONNECTIONS} callers without pause", full["per_s"], "1/s")
    yield Row(GROUP, "the same: p90, wall", full["p90_ms"], "ms")
    yield Row(GROUP, "cores when nobody asks", idle_cores, "cores")


def _idle_cores(service: Child) -> float:
    """Return how much of a core the service uses by itself."""
    connection = service.connect()
    _post(connection, QUESTION)
    began = service.cpu_s()
    _nothing(SECONDS)
    used = service.cpu_s() - began
    connection.close()
    return used / SECONDS


def _load(service: Child, rate: float) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.load", str(service.port)]
    command += ["--rate", str(rate), "--seconds", str(SECONDS)]
    command += ["--connections", str(CONNECTIONS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _nothing(seconds: float) -> None:
    subprocess.run(["/bin/sleep", str(seconds)], check=True)


def _post(connection: HTTPConnection, body: bytes) -> None:
    connection.request("POST", "/api/v1/decide", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        msg = f"wanted a decision, got {response.status}: {text[:200]!r}"
        raise RuntimeError(msg)


def _get(connection: HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    connection.getresponse().read()
