"""What the connection promises to the broker, read off the wire."""

import socket
import threading
from collections.abc import Iterator

import pytest

from edge.core.errors import BrokerUnavailableError
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection
from tests.fakes.broker import free_port

SILENT = Handlers(
    connected=lambda limits: None,
    lost=lambda why: None,
    acknowledged=lambda number, reason: None,
    received=lambda received: None,
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def connected_to(
    listener: socket.socket, handlers: Handlers = SILENT, share: bytes = b"\x80"
) -> tuple[MqttConnection, socket.socket]:
    port = listener.getsockname()[1]
    link = MqttConnection(
        BrokerAddress("127.0.0.1", port, "kiosk-01"), handlers, lambda n: share * n
    )
    link.connect("up/status", b"gone")
    peer, _ = listener.accept()
    return link, peer


def test_the_session_is_kept_for_a_day_and_the_will_waits_half_a_minute(
    listener: socket.socket,
) -> None:
    link, peer = connected_to(listener)
    packet = peer.recv(1024)

    assert packet[4:8] == b"MQTT"
    assert packet[8] == 5
    assert packet[9] == 0b0010_1100  # no clean start; a will, QoS 1, retained
    assert b"\x11" + (86400).to_bytes(4, "big") in packet  # Session Expiry Interval
    assert b"\x21" + (20).to_bytes(2, "big") in packet  # Receive Maximum
    assert b"\x27" + (256 * 1024).to_bytes(4, "big") in packet  # Maximum Packet Size
    assert b"\x18" + (30).to_bytes(4, "big") in packet  # Will Delay Interval
    assert packet.endswith(b"\x00\x09up/status\x00\x04gone")
    assert b"\x00\x08kiosk-01" in packet
    peer.close()
    link.close()


@pytest.mark.parametrize(("share", "keep_alive_s"), [(b"\x00", 48), (b"\xff", 72)])
def test_pings_are_spread_by_a_fifth(
    listener: socket.socket, share: bytes, keep_alive_s: int
) -> None:
    link, peer = connected_to(listener, share=share)

    assert int.from_bytes(peer.recv(1024)[10:12], "big") == keep_alive_s
    peer.close()
    link.close()


def test_small_messages_are_not_held_back(listener: socket.socket) -> None:
    link, peer = connected_to(listener)
    sock = link._client.socket()

    assert isinstance(sock, socket.socket)
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    peer.close()
    link.close()


def test_the_brokers_limits_are_kept(listener: socket.socket) -> None:
    found: list[Limits] = []
    handlers = Handlers(found.append, lambda why: None, lambda n, r: None, lambda received: None)
    link, peer = connected_to(listener, handlers)
    # CONNACK: success, Receive Maximum 5, Maximum Packet Size 1000.
    peer.sendall(b"\x20\x0b\x00\x00\x08\x21\x00\x05\x27\x00\x00\x03\xe8")
    while not found:
        assert link.step(5)

    assert found == [Limits(window=4, max_bytes=1000)]
    peer.close()
    link.close()


def test_a_refused_connection_is_told_with_the_brokers_reason(listener: socket.socket) -> None:
    why: list[str] = []
    handlers = Handlers(lambda limits: None, why.append, lambda n, r: None, lambda received: None)
    link, peer = connected_to(listener, handlers)
    peer.sendall(b"\x20\x03\x00\x87\x00")  # not authorized
    while link.step(5):
        pass

    assert any("Not authorized" in one for one in why)
    assert not link.is_connected
    peer.close()
    link.close()


def test_a_wake_from_another_thread_ends_the_wait(listener: socket.socket) -> None:
    link, peer = connected_to(listener)
    threading.Thread(target=link.wake).start()

    assert link.step(30)
    peer.close()
    link.close()
    link.wake()


def test_nobody_at_the_address_is_an_error_of_ours() -> None:
    link = MqttConnection(
        BrokerAddress("127.0.0.1", free_port(), "kiosk-01"), SILENT, lambda n: b"0" * n
    )
    with pytest.raises(BrokerUnavailableError, match="wanted the broker at 127"):
        link.connect("up/status", b"gone")

    assert not link.step(0)
    link.close()
