"""The network as the update client uses it: one GET, with limits on everything.

A redirect is followed only within the same host, since a captive portal redirects to its own. No
proxy is taken from the environment. Nothing is inflated: a package is its bytes.

Source: fleet.md 6; decided.md 49.
"""

import contextlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as NoAnswerError
from urllib3.util import Url, parse_url

from edge.update.pace import LARGEST_CHUNK_BYTES
from edge.update.patience import Watch
from edge.update.patient_pool import pool

MOST_REDIRECTS: Final = 2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PAGE: Final = "text/html"
_MUCH: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Line:
    """How a server is reached.

    Args:
        connect_s: To a connection, its TLS handshake included.
        silence_s: Without any byte.
        window_s: In which the headers, and ``least_bytes`` of a body, must come.
        least_bytes: See ``window_s``; 16 KiB a minute is 270 bytes a second.
        proxy: An address, or "" for none; the environment is not asked.
        ca_file: Who may sign the server's certificate; None: whom the system trusts.
    """

    connect_s: float = 10.0
    silence_s: float = 20.0
    window_s: float = 60.0
    least_bytes: int = 16 * 1024
    proxy: str = ""
    ca_file: Path | None = None


@dataclass
class Body:
    """What a server answered.

    Args:
        status: Of HTTP, below 400.
        headers: By name, whatever its case.
        length_bytes: What the server says will come; None where it does not say.
        chunks: The body as it comes.
    """

    status: int
    headers: Mapping[str, str]
    length_bytes: int | None
    chunks: Iterator[bytes] = field(repr=False)


class Connections:
    """Connections to the servers that are asked in one go; a context manager, again and again."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._manager = pool(proxy=line.proxy, ca_file=line.ca_file, headers_s=line.window_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._manager.clear()

    @contextmanager
    def get(
        self, url: str, *, offset: int = 0, chunk_bytes: int = LARGEST_CHUNK_BYTES
    ) -> Iterator[Body]:
        """Ask for ``url``, from a byte on.

        Raises:
            DownloadHTTPError: The server says that it is not to be had.
            SlowRetrievalError: It takes too long.
            DownloadError: It cannot be reached, answers with a page, or redirects elsewhere.
        """
        with _named(url):
            response = self._followed(url, offset)
        chunks = self._chunks(response, url, chunk_bytes)
        try:
            _drain(response, chunks)
            _refuse_odd(response, url)
            yield Body(response.status, response.headers, _length(response), chunks)
        finally:
            chunks.close()
            _end(response)

    def _followed(self, url: str, offset: int) -> urllib3.BaseHTTPResponse:
        for _ in range(MOST_REDIRECTS + 1):
            response = self._asked(url, offset)
            if response.status not in _REDIRECTS:
                return response
            target = urljoin(url, response.headers.get("Location", ""))
            response.close()
            if _origin(parse_url(target)) != _origin(parse_url(url)):
                msg = f"wanted {url}, got sent to another host; a captive portal?"
                raise DownloadError(msg)
            url = target
        msg = f"wanted {url}, got more than {MOST_REDIRECTS} redirects"
        raise DownloadError(msg)

    def _asked(self, url: str, offset: int) -> urllib3.BaseHTTPResponse:
        headers = {"Accept-Encoding": "identity", "User-Agent": "instore-edge"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        return self._manager.request(
            "GET",
            url,
            headers=headers,
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=self._line.connect_s, read=self._line.silence_s),
        )

    def _chunks(
        self, response: urllib3.BaseHTTPResponse, url: str, chunk_bytes: int
    ) -> Generator[bytes, None, None]:
        def cut() -> None:
            with contextlib.suppress(OSError, RuntimeError, ValueError):  # it may just have ended
                response.shutdown()

        watch = Watch(cut, window_s=self._line.window_s, least_bytes=self._line.least_bytes)
        with _named(url, watch), watch:
            # read1 returns what is there: a slow line still shows its progress.
            while chunk := response.read1(chunk_bytes, decode_content=False):
                watch.arrived(len(chunk))
                yield chunk
            if watch.has_cut:
                msg = f"wanted more of {url}, got too little in {self._line.window_s:.0f} s"
                raise SlowRetrievalError(msg)


@contextmanager
def _named(url: str, watch: Watch | None = None) -> Iterator[None]:
    try:
        yield
    except NoAnswerError as error:
        msg = f"wanted {url}, got no answer in time"
        raise SlowRetrievalError(msg) from error
    except (HTTPError, OSError, ValueError) as error:
        if watch and watch.has_cut:
            msg = f"wanted more of {url}, got too little in time"
            raise SlowRetrievalError(msg) from error
        msg = f"wanted {url}, got {type(error).__name__}"
        raise DownloadError(msg) from error


def _drain(response: urllib3.BaseHTTPResponse, chunks: Iterator[bytes]) -> None:
    # "There is no newer root" is an answer to every poll: reading its few words keeps the connection.
    if response.status >= 400 and (response.length_remaining or _MUCH) < _MUCH:
        with contextlib.suppress(DownloadError):
            for _ in chunks:
                pass


def _end(response: urllib3.BaseHTTPResponse) -> None:
    # A whole answer gives its connection back for the next request, a broken-off one ends it.
    if response.length_remaining == 0:
        response.release_conn()
    response.close()  # of an empty answer that ends its connection nobody has read the end


def _refuse_odd(response: urllib3.BaseHTTPResponse, url: str) -> None:
    if response.status >= 400:
        msg = f"wanted {url}, got HTTP status {response.status}"
        raise DownloadHTTPError(msg, response.status)
    if response.status not in {200, 206}:
        msg = f"wanted {url}, got HTTP status {response.status}"
        raise DownloadError(msg)
    if response.headers.get("Content-Type", "").lower().startswith(_PAGE):
        msg = f"wanted {url}, got a page to read; a captive portal?"
        raise DownloadError(msg)


def _length(response: urllib3.BaseHTTPResponse) -> int | None:
    found = response.headers.get("Content-Length", "")
    return int(found) if found.isascii() and found.isdigit() else None


def _origin(url: Url) -> tuple[str | None, str | None, int | None]:
    return url.scheme, url.host, url.port
