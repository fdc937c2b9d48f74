"""A load in a process of its own: so many requests a second, or as fast as answers come.

    python -m tests.bench.load PORT --rate 1000 --seconds 4 --connections 16

One thread and an epoll loop, so that the generator takes little of its core. With a rate, the
requests start on a fixed schedule whether or not earlier ones were answered, and the time
counts from the schedule: a server that falls behind cannot hide it. It stops by itself and
prints one line of JSON.
"""

import argparse
import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

LEFT_OVER_S: Final = 2.0
"""How long answers are waited for after the last request was due."""

BODY: Final = json.dumps(
    {"placement": "kiosk-strip", "screen": "load", "basket": ["sku-000007", "sku-000100"]}
).encode()


@dataclass(slots=True)
class Connection:
    """A kept connection and the request that is on it."""

    socket: socket.socket
    due_at: float | None = None
    text: bytearray = field(default_factory=bytearray)


def main() -> None:
    """Load the server as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(run(given)) + "\n")


def run(given: argparse.Namespace) -> dict[str, float]:
    """Return the figures of one load."""
    request = (
        b"POST /api/v1/decide HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    ) % (given.port, len(BODY), BODY)
    load = Load(given.port, given.connections, request)
    took, failed = load.run(given.rate, given.seconds)
    took.sort()
    return {
        "answered": len(took),
        "failed": failed,
        "per_s": len(took) / given.seconds,
        **{f"p{share}_ms": quantile(took, share / 100) * 1000 for share in (50, 90, 99)},
    }


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which ``share`` of ``ordered`` lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Load:
    """Keeps some connections busy."""

    def __init__(self, port: int, connections: int, request: bytes) -> None:
        self._request = request
        self._watched = selectors.DefaultSelector()
        self._idle: deque[Connection] = deque()
        self._late: deque[float] = deque()
        self._took: list[float] = []
        self._failed = 0
        for _ in range(connections):
            opened = socket.create_connection(("127.0.0.1", port))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(opened)
            self._watched.register(opened, selectors.EVENT_READ, connection)
            self._idle.append(connection)

    def run(self, rate: float, seconds: float) -> tuple[list[float], int]:
        """Return how long each answer took, and how many were not 200."""
        began = time.perf_counter()
        end = began + seconds
        due = began
        every = 1 / rate if rate else 0.0
        while (now := time.perf_counter()) < end + LEFT_OVER_S:
            while due <= now and due < end and (rate or self._idle):
                self._start(due if rate else now)
                due = due + every if rate else now
            if now >= end and len(self._idle) == len(self._watched.get_map()):
                break
            self._collect(0.0 if due <= now < end else min(0.005, max(0.0, due - now) + 0.0002))
        return self._took, self._failed + len(self._late)

    def _start(self, due_at: float) -> None:
        if not self._idle:
            self._late.append(due_at)
            return
        connection = self._idle.popleft()
        connection.due_at = due_at
        connection.socket.sendall(self._request)

    def _collect(self, wait_s: float) -> None:
        for key, _ in self._watched.select(wait_s):
            connection: Connection = key.data
            connection.text += connection.socket.recv(65536)
            head, gap, body = bytes(connection.text).partition(b"\r\n\r\n")
            if not gap or len(body) < _length(head):
                continue
            assert connection.due_at is not None
            if head.startswith(b"HTTP/1.1 200"):
                self._took.append(time.perf_counter() - connection.due_at)
            else:
                self._failed += 1
            connection.text.clear()
            connection.due_at = None
            self._idle.append(connection)
            if self._late:
                self._start(self._late.popleft())


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


if __name__ == "__main__":
    main()
