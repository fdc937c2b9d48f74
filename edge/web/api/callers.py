"""Tell whether a request comes from the appliance itself.

Outside the demo, /api/v1 and /metrics are for callers on the appliance (decided.md 40); a till
elsewhere gets a token of its own once tablets and tills can sign in.
"""

from typing import Final

from flask import request

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""waitress calls the caller of a unix socket "localhost"."""


LAN_HEADER: Final = "X-Edge-Lan"
"""nginx says with it that a request came over the network. It only ever takes rights away, so
whoever adds it by hand gains nothing, and nginx replaces what a client sent."""


def is_from_here() -> bool:
    """Return whether the present request's caller is on this machine."""
    return request.remote_addr in LOOPBACK and LAN_HEADER not in request.headers
