"""Fetches one file as often as it takes: what is there already is not fetched again.

Source: fleet.md 6.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    LengthOrHashMismatchError,
)

from edge.core.errors import UnavailableError
from edge.update.connections import Body, Connections
from edge.update.pace import LinePace
from edge.update.part import (
    FLUSH_BYTES,
    Wanted,
    begin_again,
    fetched_bytes,
    flush,
    part_of,
    settled,
)

_ASK_EVERY_S: Final = 0.5
_NO_SUCH_RANGE: Final = 416


class NoLongerWantedError(UnavailableError):
    """The release was paused or stopped while it was fetched; what came is kept."""


@dataclass(kw_only=True)
class Download:
    """Fetches files at a pace.

    Args:
        pace: How much of the line they may take.
        monotonic: Seconds by a clock that nobody sets.
        sleep: Waits so many seconds.
    """

    pace: LinePace
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _asked_s: float = field(default=-math.inf, init=False)

    def fetch(self, wanted: Wanted, connections: Connections, url: str) -> None:
        """Bring ``wanted`` from ``url``; it is there when this returns.

        Raises:
            NoLongerWantedError: It is not wanted any more.
            DownloadError: The network; what came is kept.
            DownloadLengthMismatchError: More came than was signed.
            LengthOrHashMismatchError: Something else came, or less.
            OSError: The disk.
        """
        self._ask(wanted)
        had_bytes = fetched_bytes(wanted)
        if self._is_filled(wanted, connections, url):
            return
        # Only bytes that all came from this source can accuse it: what was there before may be of
        # another one, or torn by a power cut.
        if had_bytes and self._is_filled(wanted, connections, url):
            return
        msg = f"wanted {wanted.into.name} as it was signed, got other bytes"
        raise LengthOrHashMismatchError(msg)

    def _is_filled(self, wanted: Wanted, connections: Connections, url: str) -> bool:
        with part_of(wanted) as part:
            if part.tell() < wanted.signed.length:
                self._fill(wanted, part, connections, url)
        return settled(wanted)

    def _fill(self, wanted: Wanted, part: IO[bytes], connections: Connections, url: str) -> None:
        while True:
            offset = part.tell()
            try:
                with connections.get(url, offset=offset, chunk_bytes=self.pace.chunk_bytes) as body:
                    _begin(body, part, wanted)
                    self._write(wanted, part, body.chunks)
                break
            except DownloadHTTPError as error:
                if error.status_code != _NO_SUCH_RANGE or not offset:
                    raise
                begin_again(part)  # the server's file ends before: the part is not of it
        if part.tell() < wanted.signed.length:
            # The server did not say how much would come, so this is no shorter file but a cut line.
            msg = f"wanted {wanted.signed.length} bytes of {wanted.into.name}, got {part.tell()}"
            raise DownloadError(msg)

    def _write(self, wanted: Wanted, part: IO[bytes], chunks: Iterator[bytes]) -> None:
        flushed = part.tell()
        for chunk in chunks:
            if part.tell() + len(chunk) > wanted.signed.length:
                begin_again(part)
                msg = f"wanted {wanted.signed.length} bytes of {wanted.into.name}, got more"
                raise DownloadLengthMismatchError(msg)
            part.write(chunk)
            if part.tell() // FLUSH_BYTES > flushed // FLUSH_BYTES:
                flush(part)
                flushed = part.tell()
            self._rest(wanted, self.pace.wait_s(len(chunk), self.monotonic()))

    def _rest(self, wanted: Wanted, wait_s: float) -> None:
        while True:
            if self.monotonic() - self._asked_s >= _ASK_EVERY_S:
                self._ask(wanted)
            if wait_s <= 0:
                return
            self.sleep(min(wait_s, _ASK_EVERY_S))
            wait_s -= _ASK_EVERY_S

    def _ask(self, wanted: Wanted) -> None:
        self._asked_s = self.monotonic()
        if not wanted.still():
            msg = f"wanted {wanted.into.name}, got told that it is not wanted any more"
            raise NoLongerWantedError(msg)


def _begin(body: Body, part: IO[bytes], wanted: Wanted) -> None:
    # The part is touched last: it may be good, and another source go on with it.
    is_rest = body.status == 206
    offset, length = part.tell(), wanted.signed.length
    if is_rest and _offset(body.headers.get("Content-Range", "")) != offset:
        msg = f"wanted {wanted.into.name} from byte {offset} on, got another part of it"
        raise DownloadError(msg)
    if body.length_bytes is not None:
        _require_length(body.length_bytes + (offset if is_rest else 0), length, wanted.into.name)
    if not is_rest:
        begin_again(part)


def _require_length(promised: int, length: int, name: str) -> None:
    msg = f"wanted {length} bytes of {name}, got promised {promised}"
    if promised > length:
        raise DownloadLengthMismatchError(msg)
    if promised < length:
        raise LengthOrHashMismatchError(msg)


def _offset(content_range: str) -> int | None:
    # "bytes 100-199/200"
    begin = content_range.removeprefix("bytes ").partition("-")[0]
    return int(begin) if begin.isascii() and begin.isdigit() else None
