"""How soon the appliance is there, what it holds in memory, and what a tap costs it."""

import http.client
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import urlencode

from tests.bench.child import ROOT, Child, running, service_python
from tests.bench.http import QUESTION
from tests.bench.model import write_model
from tests.bench.row import Row

GROUP: Final = "whole appliance"
STARTS: Final = 3
LATEST_S: Final = 60.0
MB: Final = 1_000_000
SIZE: Final = 50_000
TAPS: Final = 100


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from _start_rows(Path(folder))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from _memory_rows(Path(folder))


def _start_rows(folder: Path) -> Iterator[Row]:
    took = []
    for number in range(STARTS):
        with _demo(folder / "data") as (child, seconds):
            took.append(seconds)
            if number == STARTS - 1:
                yield Row(GROUP, "demo shop: PSS", child.pss_bytes() / MB, "MB")
                yield from _tap_rows(child)
    yield Row(GROUP, "start to first correct board, first", took[0], "s", budget=2.0)
    yield Row(GROUP, "start to first correct board, again", median(took[1:]), "s", budget=2.0)


@contextmanager
def _demo(data: Path) -> Iterator[tuple[Child, float]]:
    """Give the demo shop and the seconds until its board showed a product."""
    port = _free_port()
    command = [service_python(), "-m", "edge.app.main", "demo", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--data", str(data)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        child = Child(process.pid, port)
        _wait_for_board(child, began)
        yield child, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def _wait_for_board(child: Child, began: float) -> None:
    while time.perf_counter() < began + LATEST_S:
        connection = child.connect()
        try:
            connection.request("GET", "/board/board-1")
            if b"Latte" in connection.getresponse().read():
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    msg = f"wanted a board with products within {LATEST_S:.0f} s"
    raise RuntimeError(msg)


def _tap_rows(child: Child) -> Iterator[Row]:
    """Add a product again and again, as a shopper's taps do; the row is decided anew each time."""
    kiosk = _Kiosk(child)
    kiosk.begin()
    for _ in range(10):
        kiosk.tap()
    cpu, took = child.cpu_s(), []
    for _ in range(TAPS):
        began = time.perf_counter()
        kiosk.tap()
        took.append((time.perf_counter() - began) * 1000)
    used = (child.cpu_s() - cpu) / TAPS * 1000
    took.sort()
    kiosk.close()
    yield Row(GROUP, "kiosk tap → new recommendations, CPU", used, "ms")
    yield Row(GROUP, "the same, wall p50", took[TAPS // 2], "ms")
    yield Row(GROUP, "the same, wall p99", took[int(TAPS * 0.99)], "ms", budget=5.0)


class _Kiosk:
    """A browser at the kiosk, as far as the server can tell."""

    def __init__(self, child: Child) -> None:
        self._connection = child.connect()
        self._cookies: dict[str, str] = {}
        self._token = ""
        self._taps = 0

    def begin(self) -> None:
        """Begin a visit."""
        page = self._ask("GET", "/kiosk/start")
        self._token = self._found(r'name="csrf_token" value="([^"]+)"', page)
        self._ask("POST", "/kiosk/start", {"service": "take_away", "csrf_token": self._token})
        page = self._ask("GET", "/kiosk/menu")
        self._token = self._found(r'data-csrf="([^"]+)"', page)

    def tap(self) -> None:
        """Add a product, or with every other tap take it away again; both decide the row anew."""
        self._taps += 1
        add = {"action": "add", "sku": "croissant"}
        remove = {"action": "remove", "line": str(self._taps // 2)}  # lines count from 1
        form = add if self._taps % 2 else remove
        page = self._ask("POST", "/kiosk/basket", form, htmx=True)
        if "decision" not in page:
            msg = f"wanted a new row of recommendations, got {page[:200]!r}"
            raise RuntimeError(msg)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def _ask(
        self, method: str, path: str, form: dict[str, str] | None = None, *, htmx: bool = False
    ) -> str:
        headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true" if htmx else ""}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers["X-CSRF-Token"] = self._token
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form) if form is not None else None
        self._connection.request(method, path, body, {k: v for k, v in headers.items() if v})
        response = self._connection.getresponse()
        page = response.read().decode()
        for value in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        if response.status >= http.client.BAD_REQUEST:
            msg = f"wanted {path}, got {response.status}: {page[:200]!r}"
            raise RuntimeError(msg)
        return page

    def _found(self, pattern: str, page: str) -> str:
        found = re.search(pattern, page)
        if found is None:
            msg = f"wanted {pattern} in the page, got {page[:200]!r}"
            raise RuntimeError(msg)
        return found[1]


def _memory_rows(folder: Path) -> Iterator[Row]:
    write_model(SIZE, folder / "model")
    options = ("--items", SIZE, "--model", folder / "model", "--data", folder / "data")
    with running("service", *options, python=service_python()) as child:
        connection = child.connect()
        for _ in range(300):
            connection.request(
                "POST", "/api/v1/decide", QUESTION, {"Content-Type": "application/json"}
            )
            connection.getresponse().read()
        connection.close()
        where = "service's own lock" if (ROOT / ".venv").exists() else "development lock"
        name = f"{SIZE:,} items: PSS, {where}"
        yield Row(GROUP, name, child.pss_bytes() / MB, "MB", budget=160.0)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
