"""The web server: waitress, with the limits that keep a bad client from hurting a screen.

It listens on loopback; nginx brings TLS and other machines to it.
"""

import socket
import threading
from typing import Any, Final

from waitress import wasyncore
from waitress.server import create_server

from edge.app.settings import Listen
from edge.core.errors import DeviceUnavailableError
from edge.web.app import WebApp

_CHANNEL_TIMEOUT_S: Final = 120
_LOOK_EVERY_S: Final = 0.5
_FINISH_WITHIN_S: Final = 3


class Server:
    """One listening socket in front of the web application."""

    def __init__(self, app: WebApp, listen: Listen, bound: socket.socket) -> None:
        """Answer for ``app`` on the socket that ``bind`` gave."""
        self._socket = bound
        self._open: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._server: Any = create_server(
            app,
            map=self._open,
            sockets=[self._socket],
            threads=listen.threads,
            connection_limit=listen.connection_limit,
            # Waitress would spool a longer body to disk before Flask could refuse it.
            max_request_body_size=listen.max_body_bytes,
            channel_timeout=_CHANNEL_TIMEOUT_S,
            # A page that left is noticed at once, and its stream's thread is free again.
            channel_request_lookahead=1,
            ident=None,
            clear_untrusted_proxy_headers=True,
            asyncore_use_poll=True,
        )
        host, port = self._socket.getsockname()[:2]
        self.port: int = port
        self.url = f"http://{host}:{port}"

    def run(self) -> None:
        """Answer requests until ``stop``."""
        # Waitress can only end its own loop by closing what the loop still looks at.
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_LOOK_EVERY_S, use_poll=True, map=self._open, count=1)

    def stop(self) -> None:
        """Leave ``run`` within half a second; safe in a signal handler."""
        self._stopping.set()

    def close(self) -> None:
        """Let the requests under way finish, and let the port go; ends ``run`` too."""
        self.stop()
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=_FINISH_WITHIN_S)
        wasyncore.close_all(self._open, ignore_all=True)
        self._socket.close()


def bind(listen: Listen) -> socket.socket:
    """Take the port before anything is opened, so that a taken one is an error and no more.

    Raises:
        DeviceUnavailableError: The address or port cannot be had.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((listen.host, listen.port))
    except OSError as error:
        found.close()
        msg = (
            f"wanted to listen on {listen.host}:{listen.port}, got {error.strerror}; "
            "choose another with --port (make demo PORT=8081)"
        )
        raise DeviceUnavailableError(msg) from error
    return found
