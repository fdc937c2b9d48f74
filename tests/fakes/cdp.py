"""A customer-data platform: a real HTTP server on loopback that records, and misbehaves on demand."""

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "write-key-1"


@dataclass
class Answer:
    """What it says to a call."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class Cdp:
    """Takes batches in Segment's shape and keeps what it has taken, by ``messageId``."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        """Every call that was well formed, whatever it was answered."""
        self.sizes: list[int] = []
        self.taken: list[str] = []
        """The ids of everything taken, in order, repeats included."""
        self.answers: list[Answer] = []
        """What the next calls are answered, first to last; then all is taken."""
        self.refuses: Callable[[dict[str, Any]], bool] = lambda body: False
        """Events that spoil their batch."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1/batch"

    @contextlib.contextmanager
    def running(self) -> Iterator["Cdp"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, headers: Message, payload: bytes) -> Answer:
        if self.answers:
            return self.answers.pop(0)
        if headers["authorization"] != f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}":
            return Answer(401)
        batch = json.loads(payload)
        if (
            set(batch) != {"batch", "sentAt"}
            or len(payload) > 500_000
            or len(batch["batch"]) > 2500
        ):
            return Answer(400)
        self.calls.append(batch)
        self.sizes.append(len(payload))
        if any(self.refuses(body) or len(json.dumps(body)) > 32_768 for body in batch["batch"]):
            return Answer(400)
        self.taken += [body["messageId"] for body in batch["batch"]]
        return Answer(200)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cdp = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["content-length"]))
                assert self.path == "/v1/batch"
                answer = cdp.answer(self.headers, payload)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
