"""One event to thirty open screens, beside an epoll loop that only writes to thirty sockets."""

import json
import selectors
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.child import Child, running, service_python
from tests.bench.model import write_model
from tests.bench.row import Row

SCREENS: Final = 30
GROUP: Final = f"SSE to {SCREENS} screens"
ROUNDS: Final = 40
LATEST_S: Final = 5.0
BENCH: Final = b"event: bench"
BOARD: Final = b"event: "


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        write_model(200, Path(folder) / "model")
        options = ("--model", Path(folder) / "model", "--data", Path(folder) / "data")
        start = ("service", *options, "--boards", SCREENS)
        service = stack.enter_context(running(*start, python=service_python()))
        floor = stack.enter_context(running("sockets", python=service_python()))
        ours = stack.enter_context(_streams(service))
        plain = stack.enter_context(_sockets(floor))
        asking = service.connect()

        def publish() -> None:
            asking.request("GET", "/bench/publish")
            asking.getresponse().read()

        took: list[list[tuple[float, float]]] = [[], []]
        for _ in range(ROUNDS):
            took[0].append(_once(service, ours, publish, BENCH))
            took[1].append(_once(floor, plain, lambda: plain[0].sendall(b"!"), BENCH))
        (cpu, wall), (floor_cpu, floor_wall) = (_medians(each) for each in took)
        yield Row(GROUP, "to the last screen, CPU", cpu, "ms", floor_cpu, "epoll loop", 10.0)
        yield Row(GROUP, "to the last screen, wall", wall, "ms", floor_wall, "epoll loop")
        yield _stock_row(service, ours)
        asking.close()


def _stock_row(service: Child, opened: list[socket.socket]) -> Row:
    """Sell something out and bring it back: commit, render thirty boards, tell them."""
    asking = service.connect()
    took = []
    for turn in range(10):
        change = {"sku": "sku-000002", "available": "out" if turn % 2 == 0 else "in"}
        body = json.dumps({"changes": [change]})

        def tell(body: str = body) -> None:
            asking.request("POST", "/api/v1/stock", body, {"Content-Type": "application/json"})
            asking.getresponse().read()

        took.append(_once(service, opened, tell, BOARD))
    asking.close()
    return Row(GROUP, "sold out → last board told, wall", _medians(took)[1], "ms", budget=25.0)


def _once(
    child: Child, opened: list[socket.socket], ask: Callable[[], None], mark: bytes
) -> tuple[float, float]:
    """Return CPU and wall time in ms from ``ask`` until every socket read ``mark``."""
    _drain(opened)
    cpu, began = child.cpu_s(), time.perf_counter()
    ask()
    waiting = set(opened)
    with selectors.DefaultSelector() as watched:
        for each in opened:
            watched.register(each, selectors.EVENT_READ)
        while waiting:
            ready = watched.select(LATEST_S)
            if not ready:
                msg = (
                    f"wanted an event on every screen in {LATEST_S:.0f} s, {len(waiting)} had none"
                )
                raise RuntimeError(msg)
            for key, _ in ready:
                found = key.fileobj
                assert isinstance(found, socket.socket)
                if mark in found.recv(65536):
                    waiting.discard(found)
    wall = time.perf_counter() - began
    return (child.cpu_s() - cpu) * 1000, wall * 1000


def _drain(opened: list[socket.socket]) -> None:
    """Read away what came since: a beat, the rest of a board."""
    time.sleep(0.02)
    for each in opened:
        each.setblocking(False)
        try:
            while each.recv(65536):
                pass
        except BlockingIOError:
            pass
        each.setblocking(True)


def _medians(took: list[tuple[float, float]]) -> tuple[float, float]:
    return median(cpu for cpu, _ in took), median(wall for _, wall in took)


@contextmanager
def _streams(service: Child) -> Iterator[list[socket.socket]]:
    with _opened(service) as found:
        for number, each in enumerate(found):
            path = f"/live?screen=board-{number}"
            each.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        for each in found:
            text = b""
            while b"retry:" not in text:
                text += each.recv(65536)
        yield found


@contextmanager
def _sockets(floor: Child) -> Iterator[list[socket.socket]]:
    with _opened(floor) as found:
        yield found


@contextmanager
def _opened(child: Child) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        address = ("127.0.0.1", child.port)
        yield [stack.enter_context(socket.create_connection(address)) for _ in range(SCREENS)]
