"""A server in a process of its own, so that its CPU time and memory are its own.

    python -m tests.bench.serve service --items 5000 --model DIR --data DIR --boards 30
    python -m tests.bench.serve bare            a constant answer on waitress: what WSGI costs
    python -m tests.bench.serve sockets         thirty open sockets and an epoll loop

It prints its port, serves until its standard input ends, and leaves.
"""

import argparse
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from edge.app.server import Server, bind
from edge.app.settings import Listen
from edge.app.wiring import Appliance
from edge.web.parts import parts_of
from tests.bench.shop import appliance

ANSWER: Final = b"x" * 1500
"""As long as the answer to a decision."""

EVENT: Final = b"id: 1\nevent: bench\ndata: " + b"x" * 900 + b"\n\n"


def main() -> None:
    """Serve what the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["service", "bare", "sockets"])
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--boards", type=int, default=1)
    given = parser.parse_args()
    if given.what == "sockets":
        _sockets()
    elif given.what == "bare":
        _serve(_bare)
    else:
        _service(appliance(given.items, given.model, given.data, boards=given.boards))


def _service(built: Appliance) -> None:
    built.start()
    _serve(_publishing(built.app), built.stop)


def _publishing(app: Any) -> Callable[..., Iterable[bytes]]:  # noqa: ANN401 - WSGI
    """Add an address that sends one event to every open page, before the application's own guard."""

    def answer(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/bench/publish":
            answered: Iterable[bytes] = app(environ, start)
            return answered
        parts_of(app).hub.publish("*", "bench", "x" * 900)
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    return answer


def _bare(_environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
    return [ANSWER]


def _serve(app: Any, stop: Callable[..., None] = lambda close: close()) -> None:  # noqa: ANN401
    listen = Listen(port=0)
    server = Server(app, listen, bind(listen))
    _leave_with_the_parent(server.port)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        stop(server.close)


def _sockets() -> None:
    """Accept sockets; a byte from any of them sends one event to all of them."""
    listener = socket.create_server(("127.0.0.1", 0))
    _leave_with_the_parent(listener.getsockname()[1])
    watched = selectors.DefaultSelector()
    watched.register(listener, selectors.EVENT_READ)
    opened: list[socket.socket] = []
    while True:
        for key, _ in watched.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                opened.append(connection)
                watched.register(connection, selectors.EVENT_READ)
                continue
            asking = key.fileobj
            assert isinstance(asking, socket.socket)
            if asking.recv(1):
                for connection in opened:
                    connection.sendall(EVENT)
            else:
                watched.unregister(asking)
                opened.remove(asking)


def _leave_with_the_parent(port: int) -> None:
    def watch() -> None:
        sys.stdin.read()
        os._exit(0)  # the parent has what it wanted, and the data folder goes with it

    threading.Thread(target=watch, daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
