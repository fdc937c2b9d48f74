"""Whose request it is when a proxy stands before us: the address that the proxy saw, from it alone.

What a request says of itself, anybody can say. So it is heard only if it comes from the one address in
``serve.trusted_proxy``, and of it only the last entry, which is the one that the proxy added.
"""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, Final

from flask import Flask

_FORWARDED: Final = "HTTP_X_FORWARDED_FOR"
_PEER: Final = "REMOTE_ADDR"

_Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def install(app: Flask, trusted: str) -> None:
    """Let ``app`` see who is behind the proxy at ``trusted``; empty: there is none."""
    if trusted:
        app.wsgi_app = _Behind(app.wsgi_app, trusted)  # type: ignore[method-assign]


class _Behind:
    def __init__(self, app: _Wsgi, trusted: str) -> None:
        self._app = app
        self._trusted = ip_address(trusted)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        if _address(environ.get(_PEER, "")) == self._trusted:
            sender = _address(environ.get(_FORWARDED, "").rpartition(",")[2].strip())
            if sender is not None:
                environ[_PEER] = str(sender)
        return self._app(environ, start_response)


def _address(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None
