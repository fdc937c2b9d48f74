"""The connection to central's broker, with the delivered files: both sides show who they are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.central.fleet.provision.acl import Enrolled
from edge.core.chance import system_chance
from edge.core.errors import BrokerUnavailableError
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection
from edge.sync.tls import MutualContext
from tests.fakes.broker import wait_until
from tests.fakes.certificates import Fleet, TlsBroker, tls_broker

pytestmark = pytest.mark.broker

NAME = "kiosk-01"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet.make(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def broker(fleet: Fleet) -> Iterator[TlsBroker]:
    with tls_broker(fleet, devices=(Enrolled(NAME, "harbour-kitchen", "stable"),)) as made:
        yield made


class Device:
    """A device's connection; notes whether it was greeted."""

    def __init__(self, address: BrokerAddress) -> None:
        self.greeted = 0
        self.why: list[str] = []
        handlers = Handlers(
            connected=self._greet,
            lost=self.why.append,
            acknowledged=lambda number, reason: None,
            received=lambda received: None,
            refused=self.why.append,
        )
        self.link = MqttConnection(address, handlers, system_chance)

    def _greet(self, _limits: Limits) -> None:
        self.greeted += 1

    def connect(self) -> bool:
        """Try once; return whether the broker let us in."""
        before = self.greeted
        try:
            self.link.connect(None, b"")
        except BrokerUnavailableError as error:
            self.why.append(str(error))
            return False
        self.until(lambda: self.greeted > before)
        return self.greeted > before

    def until(self, is_so: Callable[[], object]) -> None:
        wait_until(lambda: not self.link.step(0.02) or is_so(), "it is so")

    @property
    def was_resumed(self) -> bool:
        context = self.link._context
        assert context is not None
        assert context._socket is not None
        return bool(context._socket.session_reused)


@pytest.fixture
def device(broker: TlsBroker) -> Iterator[Device]:
    made = Device(broker.address(NAME))
    yield made
    made.link.disconnect()
    made.link.close()


def test_the_connection_is_tls_1_3_and_our_certificate_is_who_we_are(device: Device) -> None:
    assert device.connect()
    context = device.link._context
    assert context is not None
    assert context._socket is not None
    assert context._socket.version() == "TLSv1.3"


def test_the_second_connection_uses_the_ticket_of_the_first(device: Device) -> None:
    assert device.connect()
    assert not device.was_resumed
    device.link.disconnect()

    assert device.connect()
    assert device.was_resumed


def test_a_renewed_certificate_is_used_without_a_restart_and_without_the_old_ticket(
    device: Device, fleet: Fleet
) -> None:
    assert device.connect()
    device.link.disconnect()
    files = fleet.client(NAME)
    files.cert_file.unlink()
    fleet.client(NAME)  # made anew, key and all

    assert device.connect()
    assert not device.was_resumed


def test_a_broker_of_another_authority_is_not_talked_to(
    broker: TlsBroker, fleet: Fleet, tmp_path: Path
) -> None:
    other = Fleet.make(tmp_path)
    mixed = replace(fleet.client(NAME), ca_file=other.client(NAME).ca_file)
    device = Device(replace(broker.address(NAME), tls=mixed))

    assert not device.connect()
    assert "CERTIFICATE_VERIFY_FAILED" in device.why[0]
    device.link.close()


def test_a_broker_under_another_name_is_not_talked_to(broker: TlsBroker) -> None:
    device = Device(replace(broker.address(NAME), host="127.1"))  # the same place

    assert not device.connect()
    assert "mismatch" in device.why[0]
    device.link.close()


def test_a_missing_file_is_the_worlds_fault_and_is_tried_again(
    broker: TlsBroker, fleet: Fleet, tmp_path: Path
) -> None:
    gone = replace(fleet.client(NAME), cert_file=tmp_path / "kiosk-01.crt")
    device = Device(replace(broker.address(NAME), tls=gone))
    assert not device.connect()

    gone.cert_file.write_bytes(fleet.client(NAME).cert_file.read_bytes())
    assert device.connect()
    device.link.disconnect()
    device.link.close()


def test_the_context_takes_nothing_below_tls_1_3_and_checks_the_name(fleet: Fleet) -> None:
    context = MutualContext.of(fleet.client(NAME))

    assert context.minimum_version.name == "TLSv1_3"
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
