"""Tell where a request comes from: the appliance itself, a demo's window, or the network."""

from typing import Final

from flask import request

from edge.web.ports import WebSettings

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""waitress calls the caller of a unix socket "localhost"."""


LAN_HEADER: Final = "X-Edge-Lan"
"""nginx says with it that a request came over the network. It only ever takes rights away, so
whoever adds it by hand gains nothing, and nginx replaces what a client sent."""


def is_from_here() -> bool:
    """Return whether the present request's caller is on this machine."""
    return request.remote_addr in LOOPBACK and LAN_HEADER not in request.headers


def is_open(settings: WebSettings) -> bool:
    """Return whether the caller needs no proof: on the appliance, or in a demo (decided.md 40).

    A demo that lets phones in over the network (``--lan``) is open to them for their pages only.
    """
    return is_from_here() or (settings.is_demo and LAN_HEADER not in request.headers)


def is_over_tls() -> bool:
    """Return whether the request came over TLS, which nginx ends before us."""
    return request.is_secure or LAN_HEADER in request.headers
