"""What a connection to a broker is made of: where, with which session, what comes and who hears it."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.sync.tls import Tls


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    client_id: str
    tls: Tls | None = None
    """None: neither encrypted nor authenticated; only inside the shop's network."""


@dataclass(frozen=True, slots=True)
class Session:
    """What we ask of the broker for this client's session."""

    expiry_s: int = 24 * 3600
    receive_maximum: int = 20
    """Messages to us on their way at most."""
    max_packet_bytes: int = 256 * 1024
    manual_ack: bool = False
    """True: a message to us is acknowledged by ``acknowledge``, and comes again until then."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker allows on this connection."""

    window: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message to us."""

    topic: str
    payload: bytes
    content_type: str = ""
    number: int = 0
    """Its packet identifier; 0: it needs no acknowledgement."""
    response_topic: str = ""
    correlation: bytes = b""
    is_retained: bool = False
    encoding: str = ""
    """What the payload was compressed with; empty: it was not."""
    connection: int = 0
    """Of this client's connections, the one it came over: its number holds only there."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the connection calls, always in the thread that drives it. They must not raise."""

    connected: Callable[[Limits], None]
    lost: Callable[[str], None]
    acknowledged: Callable[[int, int], None]
    received: Callable[[Received], None]
    refused: Callable[[str], None] = lambda why: None
    """A subscription was refused."""
