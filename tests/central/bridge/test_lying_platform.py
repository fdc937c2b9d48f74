"""A platform that lies, drips or floods holds up nobody for long, and nothing is lost to it."""

import contextlib
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from edge.central.bridge.platform_http import (
    Platform,
    PlatformHttp,
    PlatformRefusedError,
    PlatformUnavailableError,
)
from edge.core.clock import SettableClock
from tests.fakes.device_events import NOON

Talk = Callable[[socket.socket], None]
TIMEOUT_S = 0.3
OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that does as ``talk`` does with each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                con, _ = listener.accept()
                with con, contextlib.suppress(OSError):
                    con.settimeout(10)
                    while con.recv(65_536):
                        talk(con)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/batch"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def says(answer: bytes) -> Talk:
    return lambda con: con.sendall(answer)


def drips(head: bytes, drop: bytes) -> Talk:
    """Bytes for ever, each well within any timeout for one wait."""

    def talk(con: socket.socket) -> None:
        con.sendall(head)
        pause = threading.Event()
        while True:
            con.sendall(drop)
            pause.wait(0.02)

    return talk


def floods(con: socket.socket) -> None:
    con.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        con.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def asked(url: str, times: int = 1) -> None:
    http = PlatformHttp(Platform(url, "key", timeout_s=TIMEOUT_S), SettableClock(NOON))
    try:
        for _ in range(times):
            http.post([b"{}"])
    finally:
        http.close()


@pytest.mark.parametrize(
    "talk",
    [
        drips(b"", b"H"),
        drips(OK, b"X-Y: z\r\n"),
        drips(OK + b"Content-Length: 99999\r\n\r\n", b"x"),
        drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["no-head", "head", "body", "chunks"],
)
def test_an_answer_that_never_ends_is_none_after_a_while(talk: Talk) -> None:
    with talking(talk) as url, pytest.raises(PlatformUnavailableError):
        asked(url)


def test_a_handshake_that_never_ends_is_cut_too() -> None:
    with (
        talking(drips(b"\x16\x03\x03\x3f\xff", b"\x02")) as url,
        pytest.raises(PlatformUnavailableError),
    ):
        asked(url.replace("http:", "https:"))


def test_a_flood_for_an_answer_is_not_read() -> None:
    tracemalloc.start()
    try:
        with talking(floods) as url:
            asked(url, times=2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
        b"garbage\r\n\r\n",
    ],
    ids=["page", "elsewhere", "part", "number", "garbage"],
)
def test_whoever_answers_something_else_has_taken_nothing(answer: bytes) -> None:
    with talking(says(answer)) as url, pytest.raises(PlatformUnavailableError):
        asked(url)


def test_a_batch_of_which_a_part_was_taken_is_halved() -> None:
    multi = b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 2\r\n\r\n{}"
    with talking(says(multi)) as url, pytest.raises(PlatformRefusedError):
        asked(url)


def test_garbage_behind_an_answer_is_not_taken_for_the_next() -> None:
    garbage = OK + b"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n}{]\xff\x00"
    with talking(says(garbage)) as url:
        asked(url, times=3)
