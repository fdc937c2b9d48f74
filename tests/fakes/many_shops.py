"""Thousands of shops' connections in one process: raw sockets, MQTT 5, one loop, no threads.

Each does what a device does at the broker: a lasting session, a will with delay, a retained birth,
its subscriptions, and event batches with QoS 1, at most one on its way. Nothing is parsed but what
has to be.
"""

import os
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from edge.wire.topics import CentralTopics, Topics

TENANT: Final = "harbour"
_STAMP: Final = struct.Struct(">d")


@dataclass
class Client:
    """One connection."""

    sock: socket.socket
    topic: bytes
    inbox: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0
    is_ready: bool = False


@dataclass
class Measured:
    """What happened while messages flowed; seconds."""

    lasted_s: float
    drained_s: float
    """Until central had all of it, from the beginning."""
    published: int
    received: int
    acknowledged_after: list[float]
    received_after: list[float]

    def at(self, share: float, what: str = "received_after") -> float:
        """Return a percentile in milliseconds."""
        found: list[float] = sorted(getattr(self, what))
        return 1000 * found[min(int(share * len(found)), len(found) - 1)]


class ManyShops:
    """All shops, and central's one subscriber."""

    def __init__(self, port: int, size_bytes: int) -> None:
        self._port = port
        self._body = os.urandom(size_bytes // 2).hex().encode()
        self._poll = select.epoll()
        self._clients: dict[int, Client] = {}
        self._shops: list[Client] = []
        self._acknowledged: list[float] = []
        self._received: list[float] = []
        self._ready: deque[Client] = deque()
        self.subscribed = 0

    def come(self, number: int, together: int = 200) -> float:
        """Connect ``number`` shops, so many at a time; return the seconds until all are there."""
        began = time.monotonic()
        for first in range(0, number, together):
            batch = [self._shop(one) for one in range(first, min(first + together, number))]
            self._until(partial(_are_ready, batch))
        return time.monotonic() - began

    def listen(self) -> None:
        """Connect central's subscriber."""
        client = self._open(b"")
        client.sock.sendall(_connect("bridge-1", b"", receive_maximum=1000))
        client.sock.sendall(_subscribe(CentralTopics(TENANT).events))
        self._until(lambda: client.is_ready)

    def flow(self, seconds: float, per_second: float | None) -> Measured:
        """Let shops publish, in turn and at a rate, or each as soon as its last is acknowledged."""
        self._acknowledged, self._received = [], []
        self._ready = deque(self._shops)
        began, published = time.monotonic(), 0
        due = began
        while (now := time.monotonic()) < began + seconds:
            while self._ready and (per_second is None or due <= now):
                self._publish(self._ready.popleft())
                published += 1
                if per_second is None:
                    break  # hear what comes between two
                due += 1 / per_second
            self._turn(0.0 if per_second is None else 0.001)
        lasted = time.monotonic() - began
        self._until(lambda: len(self._received) >= published)
        drained = time.monotonic() - began
        return Measured(
            lasted, drained, published, len(self._received), self._acknowledged, self._received
        )

    def close(self) -> None:
        """Drop every connection."""
        for client in self._clients.values():
            client.sock.close()
        self._poll.close()

    def _shop(self, number: int) -> Client:
        topics = Topics(TENANT, f"shop-{number}", f"shop-{number}-1")
        client = self._open(topics.events("e").encode())
        client.sock.sendall(_connect(topics.device, topics.status.encode(), receive_maximum=20))
        birth = b'{"status":"online","conn_seq":1}'
        client.sock.sendall(_publish(topics.status.encode(), birth, 1, retain=True))
        filters = (topics.commands, topics.config, topics.doorbell("stable"), *topics.contexts)
        client.sock.sendall(_subscribe(*filters))
        self._shops.append(client)
        return client

    def _open(self, topic: bytes) -> Client:
        sock = socket.create_connection(("127.0.0.1", self._port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = Client(sock, topic)
        self._clients[sock.fileno()] = client
        self._poll.register(sock.fileno(), select.EPOLLIN)
        return client

    def _publish(self, client: Client) -> None:
        client.sent_at = time.monotonic()
        client.sock.sendall(_publish(client.topic, _STAMP.pack(client.sent_at) + self._body, 2))

    def _turn(self, timeout_s: float) -> None:
        for number, _ in self._poll.poll(timeout_s):
            client = self._clients[number]
            came = client.sock.recv(256 * 1024)
            assert came, f"the broker closed {client.topic!r}"
            client.inbox += came
            for kind, packet in _packets(client.inbox):
                self._take(client, kind, packet)

    def _take(self, client: Client, kind: int, packet: bytes) -> None:
        match kind >> 4:
            case 3:  # PUBLISH
                end = 2 + int.from_bytes(packet[:2], "big")
                number, properties = packet[end : end + 2], packet[end + 2]
                begin = end + 3 + properties
                if len(packet) - begin > _STAMP.size:
                    (sent_at,) = _STAMP.unpack_from(packet, begin)
                    self._received.append(time.monotonic() - sent_at)
                client.sock.sendall(b"\x40\x02" + number)
            case 4 if packet[:2] == b"\x00\x02":  # PUBACK of a batch, not of the birth
                self._acknowledged.append(time.monotonic() - client.sent_at)
                self._ready.append(client)
            case 9:  # SUBACK
                client.is_ready = True
            case 2:  # CONNACK
                assert packet[1] == 0, f"refused: {packet[1]}"
            case _:
                return

    def _until(self, holds: Callable[[], object], within_s: float = 60.0) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, "the broker does not answer"
            self._turn(0.05)


@contextmanager
def many_shops(port: int, size_bytes: int = 1_200) -> Iterator[ManyShops]:
    """Run shops for the length of a ``with``."""
    shops = ManyShops(port, size_bytes)
    try:
        yield shops
    finally:
        shops.close()


def _are_ready(clients: list[Client]) -> bool:
    return all(one.is_ready for one in clients)


def _packets(inbox: bytearray) -> Iterator[tuple[int, bytes]]:
    while len(inbox) >= 2:
        length, at, shift = 0, 1, 0
        while at < len(inbox):
            byte = inbox[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        else:
            return
        if len(inbox) < at + length:
            return
        packet = bytes(inbox[at : at + length])
        kind = inbox[0]
        del inbox[: at + length]
        yield kind, packet


def _connect(client_id: str, will_topic: bytes, *, receive_maximum: int) -> bytes:
    properties = b"\x11" + struct.pack(">I", 86_400) + b"\x21" + struct.pack(">H", receive_maximum)
    body = b"\x00\x04MQTT\x05" + (b"\x2c" if will_topic else b"\x00") + struct.pack(">H", 60)
    body += bytes([len(properties)]) + properties + _text(client_id.encode())
    if will_topic:
        will = b"\x18" + struct.pack(">I", 30)
        said = b'{"status":"offline","conn_seq":1,"why":"lost"}'
        body += bytes([len(will)]) + will + _text(will_topic) + _text(said)
    return _packet(0x10, body)


def _subscribe(*filters: str) -> bytes:
    body = b"\x00\x01\x00" + b"".join(_text(one.encode()) + b"\x01" for one in filters)
    return _packet(0x82, body)


def _publish(topic: bytes, payload: bytes, number: int, *, retain: bool = False) -> bytes:
    kind = 0x32 | int(retain)
    return _packet(kind, _text(topic) + number.to_bytes(2, "big") + b"\x00" + payload)


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _packet(kind: int, body: bytes) -> bytes:
    length, size = b"", len(body)
    while True:
        size, byte = divmod(size, 128)
        length += bytes([byte | (0x80 if size else 0)])
        if not size:
            return bytes([kind]) + length + body
