"""What the connection promises to the broker, read off the wire."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.errors import BrokerUnavailableError
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection, Received, Session
from tests.fakes.broker import Broker, free_port, running_broker, wait_until

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


def test_a_subscription_that_is_refused_is_told(listener: socket.socket) -> None:
    why: list[str] = []
    handlers = Handlers(
        lambda limits: link.subscribe(("down/#", "#")),
        lambda why: None,
        lambda n, r: None,
        lambda received: None,
        refused=why.append,
    )
    link, peer = connected_to(listener, handlers)
    peer.sendall(b"\x20\x03\x00\x00\x00")
    peer.sendall(b"\x90\x05\x00\x01\x00\x01\x87")  # SUBACK: granted, not authorized
    while not why:
        assert link.step(5)

    assert why == ["broker refused 1 subscriptions: Not authorized"]
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


# ---- with a real broker ------------------------------------------------------------------------


class Client:
    """A connection that notes what it hears."""

    def __init__(self, address: BrokerAddress, session: Session | None = None) -> None:
        self.greeted = 0
        self.heard: list[Received] = []
        self.answered: list[tuple[int, int]] = []
        self.refused: list[str] = []
        self.lost: list[str] = []
        handlers = Handlers(
            connected=self._greet,
            lost=self.lost.append,
            acknowledged=lambda number, reason: self.answered.append((number, reason)),
            received=self.heard.append,
            refused=self.refused.append,
        )
        self.link = MqttConnection(address, handlers, system_chance, session)

    def _greet(self, _limits: Limits) -> None:
        self.greeted += 1

    def connect(self) -> "Client":
        before = self.greeted
        self.link.connect(None, b"")
        self.until(lambda: self.greeted > before)
        return self

    def until(self, is_so: Callable[[], object]) -> None:
        wait_until(lambda: not self.link.step(0.02) or is_so(), "it is so")
        assert is_so(), self.lost

    def leave(self) -> None:
        self.link.disconnect()
        self.link.close()


def address(broker: Broker, name: str) -> BrokerAddress:
    return BrokerAddress("127.0.0.1", broker.port, name)


@pytest.mark.broker
def test_a_message_keeps_all_that_was_said_with_it(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        one, two = Client(address(broker, "one")).connect(), Client(address(broker, "two"))
        two.connect().link.subscribe(("up/#",))
        two.link.step(0.2)
        one.link.publish(
            "up/res/7",
            b"\x1f\x8b",
            content_type="application/x",
            encoding="gzip",
            expiry_s=60,
            response_topic="up/res/8",
            correlation=b"\x00\xff",
        )
        one.link.publish("up/state", b"1", retain=True)
        two.until(lambda: len(two.heard) == 2)
        late = Client(address(broker, "late")).connect()
        late.link.subscribe(("up/state",))
        late.until(lambda: late.heard)

        (heard, _), (kept,) = two.heard, late.heard
        assert (heard.topic, heard.payload, heard.content_type) == (
            "up/res/7",
            b"\x1f\x8b",
            "application/x",
        )
        assert (heard.encoding, heard.response_topic) == ("gzip", "up/res/8")
        assert (heard.correlation, heard.is_retained) == (b"\x00\xff", False)
        assert (kept.payload, kept.encoding, kept.is_retained) == (b"1", "", True)
        for client in (one, two, late):
            client.leave()


@pytest.mark.broker
def test_what_is_not_acknowledged_comes_again_and_an_old_number_acknowledges_nothing(
    tmp_path: Path,
) -> None:
    session = Session(manual_ack=True)
    with running_broker(tmp_path) as broker:
        bridge = Client(address(broker, "bridge"), session).connect()
        bridge.link.subscribe(("up/#",))
        bridge.link.step(0.2)
        device = Client(address(broker, "device")).connect()
        device.link.publish("up/a", b"1")
        device.link.publish("up/a", b"2")
        bridge.until(lambda: len(bridge.heard) == 2)
        first, second = bridge.heard
        bridge.link.acknowledge(first)
        bridge.link.step(0.1)

        bridge.link.disconnect()
        bridge.connect()
        bridge.until(lambda: len(bridge.heard) == 3)
        assert bridge.heard[2].payload == b"2"
        bridge.link.acknowledge(second)  # of the connection before: means nothing
        bridge.link.step(0.1)
        bridge.link.disconnect()
        bridge.connect()
        bridge.until(lambda: len(bridge.heard) == 4)
        bridge.link.acknowledge(bridge.heard[3])
        bridge.link.step(0.1)
        bridge.link.disconnect()
        bridge.connect()
        bridge.link.step(0.3)
        assert [received.payload for received in bridge.heard] == [b"1", b"2", b"2", b"2"]
        bridge.leave()
        device.leave()


def test_an_old_birth_never_reaches_the_broker_behind_the_new_one(listener: socket.socket) -> None:
    births: list[bytes] = [b"birth-1", b"birth-2"]

    def greet(_limits: Limits) -> None:
        link.publish("up/status", births.pop(0), retain=True)

    handlers = Handlers(greet, lambda why: None, lambda n, r: None, lambda received: None)
    link, peer = connected_to(listener, handlers)
    peer.sendall(b"\x20\x03\x00\x00\x00")
    while len(births) == 2:
        assert link.step(5)
    link.step(0.1)
    peer.close()  # the first birth was never acknowledged
    while link.step(0.1):
        pass

    link.connect("up/status", b"gone")
    peer, _ = listener.accept()
    peer.sendall(b"\x20\x03\x00\x00\x00")
    said = b""
    while b"birth-2" not in said:
        assert link.step(0.05)
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            said += peer.recv(4096)
    assert said.index(b"birth-1") < said.index(b"birth-2")
    peer.close()
    link.close()
