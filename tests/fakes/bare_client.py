"""An MQTT client that does what no device of ours would do; for attacks on a real broker.

Driven from the test's own thread: nothing is read before somebody pumps. Whatever happened before
a message on the same broker has then also arrived, so a test needs no waiting for what must not come.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.sync.tls import Tls

_WITHIN_S: Final = 8.0
DENIED: Final = 0x87
UNHEARD: Final = 0x10
"""Taken, but nobody has subscribed to it."""
REFUSED: Final = -1


@dataclass(slots=True)
class Will:
    """What the broker is to say when this client is gone."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(slots=True)
class Wanted:
    """How to connect."""

    client_id: str
    files: Tls | None = None
    """None: no certificate."""
    ca_file: str | None = None
    clean: bool = False
    expiry_s: int = 0
    will: Will | None = None
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3


@dataclass(slots=True)
class BareClient:
    """One connection."""

    port: int
    wanted: Wanted
    received: list[tuple[str, bytes]] = field(default_factory=list)
    is_retained: list[bool] = field(default_factory=list)
    reason: int | None = None
    """CONNACK's; REFUSED: the connection was closed without one."""
    has_session: bool = False
    is_lost: bool = False
    _acknowledged: dict[int, int] = field(default_factory=dict)
    _granted: set[int] = field(default_factory=set)
    _client: paho.Client | None = None

    def connect(self) -> int:
        """Connect and return the broker's answer: 0 is yes."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.wanted.client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
        )
        context = _context(self.wanted)
        client.tls_set_context(context)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = lambda _c, _d, mid, _r, _p: self._granted.add(mid)
        client.on_disconnect = self._on_disconnect
        if (will := self.wanted.will) is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self.wanted.expiry_s
        self._client = client
        try:
            client.connect(
                "127.0.0.1", self.port, clean_start=self.wanted.clean, properties=properties
            )
        except OSError:
            context.close()
            self.reason, self.is_lost = REFUSED, True
            return REFUSED
        pump_until(lambda: self.reason is not None or self.is_lost, (self,))
        self.reason = REFUSED if self.reason is None else self.reason
        return self.reason

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> int:
        """Publish with QoS 1 and return the reason in PUBACK; REFUSED: the connection ended."""
        assert self._client is not None
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        pump_until(lambda: mid in self._acknowledged or self.is_lost, (self,))
        return self._acknowledged.pop(mid, REFUSED)

    def subscribe(self, topic: str) -> None:
        """Subscribe and wait for the answer, which this broker makes "granted" for anything."""
        assert self._client is not None
        mid = self._client.subscribe(topic, qos=1)[1]
        pump_until(lambda: mid in self._granted or self.is_lost, (self,))

    def pump(self) -> None:
        """Handle what has arrived."""
        if self._client is not None and self._client.socket() is not None:
            self._client.loop(0.002)

    def leave(self) -> None:
        """Say goodbye; the session stays as long as it was asked for."""
        if self._client is not None and self._client.socket() is not None:
            self._client.disconnect()
            pump_until(lambda: self.is_lost, (self,))

    def drop(self) -> None:
        """Be gone without a word."""
        assert self._client is not None
        sock = self._client.socket()
        if sock is not None:
            sock.close()
        self._client, self.is_lost = None, True

    def payloads(self) -> list[bytes]:
        """Return what has come, in order."""
        return [payload for _, payload in self.received]

    def _on_connect(
        self, _c: paho.Client, _d: object, flags: paho.ConnectFlags, reason: object, _p: object
    ) -> None:
        self.reason = int(reason.value)  # type: ignore[attr-defined]
        self.has_session = flags.session_present

    def _on_message(self, _c: paho.Client, _d: object, message: paho.MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload)))
        self.is_retained.append(message.retain)

    def _on_publish(
        self, _c: paho.Client, _d: object, mid: int, reason: object, _p: object
    ) -> None:
        self._acknowledged[mid] = int(reason.value)  # type: ignore[attr-defined]

    def _on_disconnect(self, *_: object) -> None:
        self.is_lost = True


def pump_until(is_so: Callable[[], bool], clients: Iterable[BareClient]) -> None:
    """Let ``clients`` read until ``is_so()``."""
    clients = tuple(clients)
    end = time.monotonic() + _WITHIN_S
    while not is_so():
        assert time.monotonic() < end, f"nothing of what was waited for came: {clients}"
        for client in clients:
            client.pump()


def _without_delay(_client: paho.Client, _data: object, sock: object) -> None:
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Context(ssl.SSLContext):
    """Remembers its socket: paho leaves one whose handshake failed open."""

    made: ssl.SSLSocket | None = None

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # noqa: ANN401
        self.made = super().wrap_socket(*args, **kwargs)
        return self.made

    def close(self) -> None:
        if self.made is not None:
            self.made.close()


def _context(wanted: Wanted) -> _Context:
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = wanted.newest_tls
    ca_file = wanted.ca_file or (wanted.files.ca_file if wanted.files else None)
    assert ca_file is not None
    context.load_verify_locations(ca_file)
    if wanted.files is not None:
        context.load_cert_chain(wanted.files.cert_file, wanted.files.key_file)
    return context
