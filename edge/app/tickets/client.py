"""Ask a running service for decisions, over one kept connection per thread."""

import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import orjson

from edge.core.errors import RequestContractError, UnavailableError

TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decision showed, and how long the caller waited for it."""

    skus: tuple[str, ...]
    explored: int
    degraded: str | None
    seconds: float
    is_recognised: bool = False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a screen; ``presence`` is what their code opened there, None for anybody."""

    screen: str
    presence: str | None = None


ANYBODY: Final = Visitor("api")


class DecideClient:
    """Asks the service at ``url``. Safe to call from several threads."""

    def __init__(self, url: str) -> None:
        self._host, self._port = _address(url)
        self._kept = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    @property
    def address(self) -> str:
        """The service's address, for messages."""
        return f"http://{self._host}:{self._port}"

    def health(self) -> Mapping[str, object]:
        """Return what the service says of itself.

        Raises:
            UnavailableError: Nobody answers.
            RequestContractError: Somebody else does.
        """
        status, body = self._call("GET", "/api/v1/health", None)
        if status not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE} or "site" not in body:
            msg = f"{self.address}: wanted the appliance, got an answer {status} that is not its"
            raise RequestContractError(msg)
        return body

    def scan(self, screen: str, code: str) -> str | None:
        """Present a customer's ``code`` at ``screen``; return the presence it opened, if any.

        Raises:
            UnavailableError: The service went away.
            RequestContractError: It refused, in its own words.
        """
        body = self._post("scan", {"screen": screen, "text": code})
        presence = body["presence"]
        return presence if isinstance(presence, str) else None

    def decide(
        self, placement: str, basket: Sequence[str], at: datetime, visitor: Visitor = ANYBODY
    ) -> Answer:
        """Return what ``placement`` shows ``visitor`` beside ``basket`` at ``at``.

        Raises:
            UnavailableError: The service went away.
            RequestContractError: It refused, in its own words.
        """
        question = {
            "placement": placement,
            "basket": basket,
            "at": at.isoformat(),
            "screen": visitor.screen,
            "presence": visitor.presence,
        }
        began = time.perf_counter()
        body = self._post("decide", question)
        seconds = time.perf_counter() - began
        items = body["items"]
        assert isinstance(items, list)
        degraded = body.get("degraded")
        return Answer(
            skus=tuple(item["sku"] for item in items),
            explored=sum(item["explored"] for item in items),
            degraded=degraded if isinstance(degraded, str) else None,
            seconds=seconds,
            is_recognised=body.get("recognised") is True,
        )

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._opened:
            connection.close()

    def _post(self, path: str, question: Mapping[str, object]) -> dict[str, object]:
        status, body = self._call("POST", f"/api/v1/{path}", orjson.dumps(question))
        if status != HTTPStatus.OK:
            msg = f"{self.address} refused with {status}: {body.get('detail', 'no reason given')}"
            raise RequestContractError(msg)
        return body

    def _call(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, object]]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            # The kept connection may have been closed while idle: a new one tells.
            self._connection().close()
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection().close()
            raise self._away(error) from error

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, object]]:
        connection = self._connection()
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        text = response.read()
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = {}
        return response.status, found if isinstance(found, dict) else {}

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._kept, "connection", None)
        if found is None:
            found = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
            self._kept.connection = found
            self._opened.append(found)
        return found

    def _away(self, error: Exception) -> UnavailableError:
        msg = (
            f"wanted the appliance at {self.address}, got {type(error).__name__} ({error}); start "
            "it with `edge run --clock=request`, or name its address with --url"
        )
        return UnavailableError(msg)


def _address(url: str) -> tuple[str, int]:
    msg = f"--url: wanted an address such as http://127.0.0.1:8080, got {url!r}"
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host, port = parts.hostname, parts.port or 80
    except ValueError as error:
        raise RequestContractError(msg) from error
    if parts.scheme not in {"", "http"} or not host:
        raise RequestContractError(msg)
    return host, port
