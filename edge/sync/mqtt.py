"""The MQTT 5 connection. The only module that imports paho.

Driven from one thread through paho's own doors for foreign loops (``loop_read`` and so on), so
that acknowledgements, messages and publishing never meet: there is nothing to lock.

Source: MQTT 5.0; fleet.md 2 of the design for the settings.
"""

import contextlib
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.core.chance import Chance
from edge.core.errors import BrokerUnavailableError

KEEP_ALIVE_S: Final = 60
SESSION_EXPIRY_S: Final = 24 * 3600
RECEIVE_MAXIMUM: Final = 20
MAX_PACKET_BYTES: Final = 256 * 1024
WILL_DELAY_S: Final = 30
_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    client_id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker allows on this connection."""

    window: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the connection calls, always in the thread that drives it."""

    connected: Callable[[Limits], None]
    lost: Callable[[str], None]
    acknowledged: Callable[[int, int], None]
    received: Callable[[str, bytes], None]


class MqttConnection:
    """One client with one session, over as many connections as it takes."""

    def __init__(self, address: BrokerAddress, handlers: Handlers, chance: Chance) -> None:
        self._address = address
        self._handlers = handlers
        self._keep_alive_s = _jittered(KEEP_ALIVE_S, chance)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._client = self._new_client()
        self.is_connected = False

    def connect(self, will_topic: str, will: bytes) -> None:
        """Open a connection; ``handlers.connected`` follows when the broker accepts it.

        Raises:
            BrokerUnavailableError: Nobody answers at the address.
        """
        properties = _properties(PacketTypes.WILLMESSAGE)
        properties.WillDelayInterval = WILL_DELAY_S
        self._client.will_set(will_topic, will, qos=1, retain=True, properties=properties)
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        try:
            self._client.connect(
                self._address.host,
                self._address.port,
                keepalive=self._keep_alive_s,
                clean_start=False,
                properties=properties,
            )
        except OSError as error:
            msg = f"wanted the broker at {self._address.host}:{self._address.port}, got: {error}"
            raise BrokerUnavailableError(msg) from error

    def step(self, timeout_s: float) -> bool:
        """Wait for the network, a ``wake`` or the timeout, and handle it; False: no connection."""
        sock = self._client.socket()
        if sock is None:
            return False
        poll = select.poll()  # not select(): it fails beyond 1,024 open files
        poll.register(self._wake_out, select.POLLIN)
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        ready = dict(poll.poll(timeout_s * 1000))
        if self._wake_out.fileno() in ready:
            self._drain_wakes()
        events = ready.get(sock.fileno(), 0)
        if events & ~select.POLLOUT:
            self._client.loop_read()
        if events & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()
        return self._client.socket() is not None

    def wake(self) -> None:
        """End a ``step`` that waits; may be called from any thread."""
        with contextlib.suppress(OSError):  # full: it is awake; closed: it has ended
            self._wake_in.send(b".")

    def publish(
        self, topic: str, payload: bytes, *, content_type: str, expiry_s: int | None = None
    ) -> int:
        """Publish with QoS 1 and return the number of the acknowledgement to come."""
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = content_type
        properties.PayloadFormatIndicator = 1  # UTF-8
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        return int(self._client.publish(topic, payload, qos=1, properties=properties).mid)

    def retain(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 what the broker shall keep for whoever comes later."""
        self._client.publish(topic, payload, qos=1, retain=True)

    def subscribe(self, topics: tuple[str, ...]) -> None:
        """Ask for messages of ``topics``; retained ones come at once."""
        self._client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])

    def disconnect(self) -> None:
        """Say goodbye, so that the broker does not send the will."""
        self._client.disconnect()
        while self._client.socket() is not None and self._client.want_write():
            if not self.step(0.2):
                return

    def close(self) -> None:
        """Drop the connection and what belongs to it."""
        sock = self._client.socket()
        if sock is not None:
            sock.close()
        self._wake_in.close()
        self._wake_out.close()

    # ---- paho's callbacks --------------------------------------------------------------

    def _new_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._address.client_id,
            protocol=paho.MQTTv5,
        )
        client.connect_timeout = _TIMEOUT_S
        client.max_inflight_messages_set(RECEIVE_MAXIMUM)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        _client: paho.Client,
        _data: object,
        _flags: object,
        reason: ReasonCode,
        said: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._handlers.lost(f"broker refused the connection: {reason}")
            return
        self.is_connected = True
        self._handlers.connected(_limits(said))

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _said: object
    ) -> None:
        self.is_connected = False
        if reason.is_failure:
            self._handlers.lost(f"connection lost: {reason}")

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, reason: ReasonCode, _said: object
    ) -> None:
        self._handlers.acknowledged(mid, int(reason.value))

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._handlers.received(message.topic, bytes(message.payload))

    def _drain_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_out.recv(4096):
                pass


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call] # paho has no types here


def _limits(said: Properties | None) -> Limits:
    receive_maximum = int(getattr(said, "ReceiveMaximum", RECEIVE_MAXIMUM))
    max_packet = int(getattr(said, "MaximumPacketSize", MAX_PACKET_BYTES))
    # One place in the window stays free for the status document.
    return Limits(max(min(receive_maximum, RECEIVE_MAXIMUM) - 1, 1), max_packet)


def _without_delay(_client: paho.Client, _data: object, sock: object) -> None:
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _jittered(seconds: int, chance: Chance) -> int:
    # +-20 %, so that a fleet's pings do not march in step.
    share = int.from_bytes(chance(2), "big") / 0xFFFF
    return round(seconds * (0.8 + 0.4 * share))
