"""A web server for a repository's files on the loopback interface, with whatever manners it has.

It knows ranges and keeps connections, as a real one does, and counts what it is asked and sends.
Bad manners are plain functions that answer in its place.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Manner = Callable[["Asked"], bool]
"""Answers a request in the server's place and says whether it did."""


class Asked(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: "Mirror"
    wbufsize = 0
    disable_nagle_algorithm = True
    error_content_type = "text/plain"

    def do_GET(self) -> None:
        self.server.asked.append(self.path.lstrip("/"))
        if not any(manner(self) for manner in self.server.manners):
            self.give()

    def give(self, *, ranges: bool = True) -> None:
        """Answer as a good server does."""
        payload = self.server.files.get(unquote(self.path.lstrip("/")))
        if payload is None:
            self.send_error(404)
            return
        begin = self._begin() if ranges else 0
        if begin >= len(payload) > 0:
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(payload) - 1}/{len(payload)}")
        self.send_header("Content-Length", str(len(payload) - begin))
        self.end_headers()
        self.send(payload[begin:])

    def send(self, payload: bytes) -> None:
        """Send in small steps, counted; whoever is asked may end it."""
        for at in range(0, len(payload), 16_384):
            chunk = payload[at : at + 16_384]
            try:
                self.wfile.write(chunk)
            except OSError:
                self.close_connection = True
                return
            self.server.sent(len(chunk))

    def answer(self, status: int, payload: bytes, **headers: str) -> None:
        """Answer with this."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.send(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def _begin(self) -> int:
        asked = self.headers.get("Range", "")
        return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0


class Mirror(ThreadingHTTPServer):
    """The server; ``serving`` starts and ends it."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes], *manners: Manner) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.files = files
        self.manners = list(manners)
        self.asked: list[str] = []
        self.sent_bytes = 0
        self.on_sent: Callable[[int], None] | None = None
        self._counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sent(self, size: int) -> None:
        with self._counting:
            self.sent_bytes += size
            total = self.sent_bytes
        if self.on_sent:
            self.on_sent(total)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        pass  # whoever hangs up in the middle is no error of the server's


@contextmanager
def serving(files: Mapping[str, bytes], *manners: Manner) -> Iterator[Mirror]:
    """Serve ``files`` while this is open."""
    mirror = Mirror(files, *manners)
    thread = threading.Thread(target=mirror.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        mirror.shutdown()
        thread.join()
        mirror.server_close()


def portal_page(asked: Asked) -> bool:
    """Answer everything with a page to log in, as the router of a shopping centre does."""
    asked.answer(200, b"<html><form>Accept the terms</form></html>", Content_Type="text/html")
    return True


def unlabelled_page(asked: Asked) -> bool:
    """The same, without saying what it is."""
    asked.answer(200, b"<html><form>Accept the terms</form></html>")
    return True


def portal_redirect(asked: Asked) -> bool:
    """Send everybody to the portal's own host."""
    asked.answer(302, b"", Location="http://portal.invalid/login")
    return True


def refuses(asked: Asked) -> bool:
    """Have trouble of its own."""
    asked.send_error(503)
    return True


def no_ranges(asked: Asked) -> bool:
    """Give the whole file whatever part was asked for."""
    asked.give(ranges=False)
    return True


def only(beginning: str, manner: Manner) -> Manner:
    """Have that manner for paths that begin so only."""
    return lambda asked: asked.path.lstrip("/").startswith(beginning) and manner(asked)


def once(manner: Manner) -> Manner:
    """Have that manner for the first request only."""
    left = [manner]
    return lambda asked: bool(left) and left.pop()(asked)


def endless(asked: Asked) -> bool:
    """Never stop sending, and not say how much it will be."""
    asked.send_response(200)
    asked.send_header("Connection", "close")
    asked.end_headers()
    asked.close_connection = True
    for _ in range(10_000):
        try:
            asked.wfile.write(b"0" * 16_384)
        except OSError:
            break
        asked.server.sent(16_384)
    return True


def cut_after(size: int) -> Manner:
    """Promise everything and hang up after ``size`` bytes."""

    def cut(asked: Asked) -> bool:
        payload = asked.server.files[asked.path.lstrip("/")]
        asked.send_response(200)
        asked.send_header("Content-Length", str(len(payload)))
        asked.end_headers()
        asked.send(payload[:size])
        asked.close_connection = True
        return True

    return cut


def drips(over: threading.Event, *, headers: bool) -> Manner:
    """Send a byte now and then, of the headers or of the body, until ``over``."""

    def drip(asked: Asked) -> bool:
        asked.close_connection = True
        if not headers:
            asked.send_response(200)
            asked.send_header("Content-Length", "100000")
            asked.end_headers()
        else:
            asked.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.02):
            try:
                asked.wfile.write(b"x")
            except OSError:
                break
        return True

    return drip
