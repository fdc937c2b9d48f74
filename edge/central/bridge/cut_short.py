"""HTTP calls that end in time whatever the other side does: a total, not one for each byte.

A library's timeout is for each wait of its own, so a server that sends a byte now and then holds a call
for ever, in its head, its body or its handshake. Here the connection is shut at the deadline, from a
timer, through a second handle of the same socket; who waits for it then sees it end.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_here: Final = threading.local()


class Call:
    """One call, and the sockets it uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self.was_cut = False
        """What it brought may look whole, and is not to be believed."""

    def uses(self, handle: socket.socket) -> None:
        """Note a socket; it is shut with the others."""
        with self._lock:
            self._handles.append(handle)
            if self.was_cut:
                _shut(handle)

    def cut(self) -> None:
        """End it."""
        with self._lock:
            self.was_cut = True
            for handle in self._handles:
                _shut(handle)


@contextlib.contextmanager
def cut_after(seconds: float) -> Iterator[Call]:
    """Let no call within the ``with``, made in this thread through ``POOLS``, last longer."""
    call = _here.call = Call()
    timer = threading.Timer(seconds, call.cut)
    timer.daemon = True
    timer.start()
    try:
        yield call
    finally:
        timer.cancel()
        _here.call = None


class _Cuttable:
    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._let_go()
        # TLS takes the socket over; a second handle stays ours.
        self._handle = sock.dup()
        self._tell()
        return sock

    def request(self, *given: Any, **named: Any) -> None:  # noqa: ANN401
        self._tell()
        super().request(*given, **named)  # type: ignore[misc]

    def close(self) -> None:
        self._let_go()
        super().close()  # type: ignore[misc]

    def _tell(self) -> None:
        call: Call | None = getattr(_here, "call", None)
        if call is not None and self._handle is not None:
            call.uses(self._handle)

    def _let_go(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()


class _Http(_Cuttable, HTTPConnection):
    pass


class _Https(_Cuttable, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


POOLS: Final = MappingProxyType({"http": _HttpPool, "https": _HttpsPool})
"""For a ``PoolManager``'s ``pool_classes_by_scheme``."""


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended already
        handle.shutdown(socket.SHUT_RDWR)
