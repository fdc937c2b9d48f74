"""urllib3's connections, with an end to how long a server may take over its headers.

urllib3 bounds the silence between two bytes, not the time that all headers together take.
"""

import contextlib
import socket
from pathlib import Path
from typing import Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from edge.update.patience import Watch


def pool(*, proxy: str, ca_file: Path | None, headers_s: float) -> urllib3.PoolManager:
    """Return what keeps connections; TLS is verified, the environment's proxies are not asked.

    Args:
        proxy: An address, or "" for none.
        ca_file: Who may sign a server's certificate; None: whom the system trusts.
        headers_s: How long a server may take over its headers.
    """
    kept: dict[str, Any] = {"ca_certs": str(ca_file)} if ca_file else {}
    manager = (
        urllib3.ProxyManager(proxy, cert_reqs="CERT_REQUIRED", **kept)
        if proxy
        else urllib3.PoolManager(cert_reqs="CERT_REQUIRED", **kept)
    )
    manager.pool_classes_by_scheme = _pools(headers_s)
    return manager


def _pools(headers_s: float) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(_Patient, HTTPConnection):
        within_s = headers_s

    class Secure(_Patient, HTTPSConnection):
        within_s = headers_s

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Patient(HTTPConnection):
    within_s: ClassVar[float]

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 does
        connected = self.sock
        if connected is None:
            return super().getresponse()  # raises what it raises for that

        def cut() -> None:
            # Not the TLS socket's own: that one forgets its session under the reader's feet.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

        with Watch(cut, window_s=self.within_s, least_bytes=1) as watch:
            response = super().getresponse()
        if watch.has_cut:
            response.close()  # http.client takes headers that break off for whole ones
            raise TimeoutError
        return response
