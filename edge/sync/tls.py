"""TLS 1.3 with a certificate on both sides, as the connection to a broker uses it.

The files are read again when they change, so a renewed certificate needs no restart. A session
ticket is offered again at the next connection: a whole fleet that comes back then costs the broker
no signature per device.

Source: fleet.md 2 and decided.md 45 of the design; RFC 8446, 2.2.
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from edge.sync.refusal import HeardSocket


@dataclass(frozen=True, slots=True)
class Tls:
    """Who signed the other side's certificate, and our own with its key."""

    ca_file: Path
    cert_file: Path
    key_file: Path


class MutualContext(ssl.SSLContext):
    """A client's context: TLS 1.3 only, the broker's name checked, our certificate shown.

    A context only ever learns whom to trust. So each state of the files has one of its own inside,
    and an authority that was left is trusted no longer.
    """

    _files: Tls
    _inner: ssl.SSLContext
    _seen: tuple[tuple[int, int], ...]
    _socket: ssl.SSLSocket | None
    _ticket: ssl.SSLSession | None

    @classmethod
    def of(cls, files: Tls) -> "MutualContext":
        """Return the context for ``files``.

        Raises:
            OSError: A file is missing, or is not what it should be.
        """
        made = cls(ssl.PROTOCOL_TLS_CLIENT)  # checks names and wants a certificate
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        made._inner = made
        made._files, made._seen, made._socket, made._ticket = files, (), None, None
        made.refresh()
        return made

    def refresh(self) -> None:
        """Read the files again if one of them changed, as after a renewal.

        Raises:
            OSError: A file is missing, or is not what it should be.
        """
        files = self._files
        paths = (files.ca_file, files.cert_file, files.key_file)
        seen = tuple((path.stat().st_mtime_ns, path.stat().st_ino) for path in paths)
        if seen != self._seen:
            self._inner = _context(files)
            self._seen, self._ticket = seen, None

    def wrap_socket(  # noqa: PLR0913, PLR0917 # as the base class has it
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        """Wrap ``sock``, offering the ticket of the last connection."""
        self._socket = self._inner.wrap_socket(
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session or self._ticket,
        )
        return self._socket

    def keep_ticket(self) -> None:
        """Keep the latest ticket; to be called while the connection lives.

        In TLS 1.3 tickets come after the handshake, with the first bytes that are read.
        """
        if self._socket is not None:
            with contextlib.suppress(ValueError, OSError):  # it has just been closed
                session = self._socket.session
                self._ticket = session if session is not None and session.has_ticket else None

    def drop(self) -> None:
        """Close a connection whose handshake failed, and offer no ticket next time."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._ticket = None


def _context(files: Tls) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.sslsocket_class = HeardSocket
    made.load_verify_locations(files.ca_file)
    made.load_cert_chain(files.cert_file, files.key_file)
    return made
