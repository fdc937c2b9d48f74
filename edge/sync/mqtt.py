"""The MQTT 5 connection. The only module that imports paho.

Driven from one thread through paho's own doors for foreign loops (``loop_read`` and so on), so
that acknowledgements, messages and publishing never meet: there is nothing to lock.

Source: MQTT 5.0; fleet.md 2 of the design for the settings.
"""

import contextlib
import select
import socket
import ssl
from typing import Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.core.chance import Chance
from edge.core.errors import BrokerUnavailableError
from edge.sync.connection import BrokerAddress, Handlers, Limits, Received, Session
from edge.sync.refusal import Refusal, refusal_by, refusal_of
from edge.sync.tls import MutualContext, Tls

__all__ = [
    "BrokerAddress",
    "Handlers",
    "Limits",
    "MqttConnection",
    "Received",
    "Refusal",
    "Session",
    "Tls",
]

KEEP_ALIVE_S: Final = 60
WINDOW: Final = 20
"""Messages of ours on their way at most, whatever more a broker would allow."""
WILL_DELAY_S: Final = 30
_TIMEOUT_S: Final = 5.0
_LARGEST_PACKET: Final = 256 * 1024
_ENCODING: Final = "content-encoding"


class MqttConnection:
    """One client with one session, over as many connections as it takes."""

    def __init__(
        self,
        address: BrokerAddress,
        handlers: Handlers,
        chance: Chance,
        session: Session | None = None,
    ) -> None:
        self._address = address
        self._handlers = handlers
        self._session = session or Session()
        self._keep_alive_s = _jittered(KEEP_ALIVE_S, chance)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._client = self._new_client()
        self._context: MutualContext | None = None
        self._greeting: Limits | None = None
        self._on_their_way: set[int] = set()
        self._connections = 0
        self.is_connected = False
        self.refusal: Refusal | None = None
        """Whose certificate the last connection failed by; None: by nobody's."""

    @property
    def in_flight(self) -> int:
        """Messages of ours that the broker has not answered."""
        return len(self._on_their_way)

    def connect(self, will_topic: str | None, will: bytes) -> None:
        """Open a connection; ``handlers.connected`` follows when the broker accepts it.

        Raises:
            BrokerUnavailableError: Nobody answers at the address, one side does not trust the
                other, or a certificate's file cannot be read.
        """
        if will_topic is not None:
            properties = _properties(PacketTypes.WILLMESSAGE)
            properties.WillDelayInterval = WILL_DELAY_S
            self._client.will_set(will_topic, will, qos=1, retain=True, properties=properties)
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._session.expiry_s
        properties.ReceiveMaximum = self._session.receive_maximum
        properties.MaximumPacketSize = self._session.max_packet_bytes
        self.is_connected, self._greeting, self.refusal = False, None, None
        self._connections += 1
        try:
            self._use_tls()
            self._client.connect(
                self._address.host,
                self._address.port,
                keepalive=self._keep_alive_s,
                clean_start=False,
                properties=properties,
            )
        except OSError as error:
            self.refusal = refusal_of(error)
            if self._context is not None:
                self._context.drop()
            msg = f"wanted the broker at {self._address.host}:{self._address.port}, got: {error}"
            raise BrokerUnavailableError(msg) from error

    def step(self, timeout_s: float) -> bool:
        """Wait for the network, a ``wake`` or the timeout, and handle it; False: no connection."""
        sock = self._client.socket()
        if sock is None:
            return False
        # TLS may hold more than was asked of it; the network then says nothing of it.
        is_held = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        poll = select.poll()  # not select(): it fails beyond 1,024 open files
        poll.register(self._wake_out, select.POLLIN)
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        ready = dict(poll.poll(0 if is_held else timeout_s * 1000))
        if self._wake_out.fileno() in ready:
            self._drain_wakes()
        events = ready.get(sock.fileno(), 0)
        if is_held or events & ~select.POLLOUT:
            self._client.loop_read()
            self._greet()
        if events & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()
        return self._client.socket() is not None

    def wake(self) -> None:
        """End a ``step`` that waits; may be called from any thread."""
        with contextlib.suppress(OSError):  # full: it is awake; closed: it has ended
            self._wake_in.send(b".")

    def publish(  # noqa: PLR0913 # each is a field of the packet, named by the caller
        self,
        topic: str,
        payload: bytes,
        *,
        content_type: str = "application/json",
        encoding: str = "",
        expiry_s: int | None = None,
        retain: bool = False,
        response_topic: str = "",
        correlation: bytes = b"",
    ) -> int:
        """Publish with QoS 1 and return the number of the acknowledgement to come.

        Args:
            topic: Where to.
            payload: What.
            content_type: What ``payload`` is, before it was compressed.
            encoding: What it was compressed with, as user property ``content-encoding``.
            expiry_s: The broker drops it after so long.
            retain: The broker keeps it for whoever comes later.
            response_topic: Where the answer is wanted.
            correlation: What the answer is to carry.
        """
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = content_type
        if encoding:
            properties.UserProperty = (_ENCODING, encoding)
        else:
            properties.PayloadFormatIndicator = 1  # UTF-8
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        if response_topic:
            properties.ResponseTopic = response_topic
        if correlation:
            properties.CorrelationData = correlation
        sent = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        self._on_their_way.add(int(sent.mid))
        return int(sent.mid)

    def subscribe(self, filters: tuple[str, ...]) -> None:
        """Ask for messages of ``filters``; retained ones come at once."""
        self._client.subscribe([(one, SubscribeOptions(qos=1)) for one in filters])

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that a message is taken; only with ``manual_ack``.

        One that came over an earlier connection comes again over this one, and is left alone: its
        number may mean another message by now.
        """
        if received.number and received.connection == self._connections and self.is_connected:
            self._client.ack(received.number, 1)

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
            manual_ack=self._session.manual_ack,
        )
        client.connect_timeout = _TIMEOUT_S
        client.max_inflight_messages_set(WINDOW)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
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
            if self._address.tls is not None:
                self.refusal = refusal_by(int(reason.value))
            self._handlers.lost(f"broker refused the connection: {reason}")
            return
        self.is_connected = True
        self._greeting = _limits(said)

    def _greet(self) -> None:
        # Not in _on_connect: paho repeats there, afterwards, what the last connection left
        # unanswered, and an old birth would reach the broker behind the new one.
        greeting, self._greeting = self._greeting, None
        if greeting is None:
            return
        if self._context is not None:
            self._context.keep_ticket()
        self._handlers.connected(greeting)

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _said: object
    ) -> None:
        self.is_connected = False
        if reason.is_failure:
            self._handlers.lost(f"connection lost: {reason}")

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, reason: ReasonCode, _said: object
    ) -> None:
        self._greet()
        self._on_their_way.discard(mid)
        self._handlers.acknowledged(mid, int(reason.value))

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._greet()
        said = message.properties
        self._handlers.received(
            Received(
                topic=message.topic,
                payload=bytes(message.payload),
                content_type=str(getattr(said, "ContentType", "")),
                number=message.mid,
                response_topic=str(getattr(said, "ResponseTopic", "")),
                correlation=bytes(getattr(said, "CorrelationData", b"")),
                is_retained=bool(message.retain),
                encoding=dict(getattr(said, "UserProperty", ())).get(_ENCODING, ""),
                connection=self._connections,
            )
        )

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, reasons: list[ReasonCode], _p: object
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._handlers.refused(f"broker refused {len(refused)} subscriptions: {refused[0]}")

    def _use_tls(self) -> None:
        if self._address.tls is None:
            return
        if self._context is None:
            self._context = MutualContext.of(self._address.tls)
            self._client.tls_set_context(self._context)
        else:
            self._context.refresh()

    def _drain_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_out.recv(4096):
                pass


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call] # paho has no types here


def _limits(said: Properties | None) -> Limits:
    receive_maximum = int(getattr(said, "ReceiveMaximum", WINDOW))
    max_packet = int(getattr(said, "MaximumPacketSize", _LARGEST_PACKET))
    # One place in the window stays free for the status document.
    return Limits(max(min(receive_maximum, WINDOW) - 1, 1), max_packet)


def _without_delay(_client: paho.Client, _data: object, sock: object) -> None:
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _jittered(seconds: int, chance: Chance) -> int:
    # +-20 %, so that a fleet's pings do not march in step.
    share = int.from_bytes(chance(2), "big") / 0xFFFF
    return round(seconds * (0.8 + 0.4 * share))
