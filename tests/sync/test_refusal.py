"""Whose certificate a connection failed by, from a real broker with the delivered files."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from edge.central.fleet.provision.acl import Enrolled
from edge.central.fleet.provision.authority import Revoked, certificate_pem, key_pem
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.provision.whole_files import SECRET, put
from edge.core.chance import system_chance
from edge.core.errors import BrokerUnavailableError
from edge.sync.delivery import Delivery, DeliveryParts, DeliverySettings
from edge.sync.mqtt import BrokerAddress, Handlers, MqttConnection
from edge.sync.refusal import Refusal, refusal_by
from edge.wire.topics import Topics
from tests.fakes.broker import free_port, wait_until
from tests.fakes.certificates import Fleet, TlsBroker, system_now, tls_broker
from tests.fakes.recorded import open_store

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet.make(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def broker(fleet: Fleet) -> Iterator[TlsBroker]:
    lost = x509.load_pem_x509_certificate(fleet.client("kiosk-lost").cert_file.read_bytes())
    names = ("kiosk-1", "kiosk-lost")
    with tls_broker(fleet, devices=[Enrolled(one, "shop-1", "stable") for one in names]) as made:
        made.stop()
        made.write_revoked((Revoked(lost.serial_number, system_now()),))
        made.start()
        yield made


def refusal(address: BrokerAddress, within_s: float = 5.0) -> tuple[Refusal | None, bool]:
    """Try once; return whose certificate it failed by, and whether there was a connection."""
    greeted: list[object] = []
    handlers = Handlers(
        connected=greeted.append,
        lost=lambda why: None,
        acknowledged=lambda number, reason: None,
        received=lambda received: None,
    )
    link = MqttConnection(address, handlers, system_chance)
    try:
        link.connect(None, b"")
        while not greeted and link.step(within_s):
            pass
    except BrokerUnavailableError:
        pass
    finally:
        link.close()
    return link.refusal, bool(greeted)


def test_a_good_certificate_is_taken(broker: TlsBroker) -> None:
    assert refusal(broker.address("kiosk-1")) == (None, True)


def test_a_revoked_certificate_is_refused(broker: TlsBroker) -> None:
    assert refusal(broker.address("kiosk-lost")) == (Refusal.CERTIFICATE, False)


def test_an_ended_certificate_is_refused(broker: TlsBroker, fleet: Fleet) -> None:
    files, key = fleet.client("kiosk-old"), new_key()
    ended = system_now() - timedelta(days=100)
    made = fleet.authority.device("kiosk-old", key.public_key(), ended)
    put(files.key_file, key_pem(key), SECRET)
    put(files.cert_file, certificate_pem(made))
    assert refusal(broker.address("kiosk-old")) == (Refusal.CERTIFICATE, False)


def test_a_certificate_of_another_authority_is_refused(
    broker: TlsBroker, fleet: Fleet, tmp_path: Path
) -> None:
    other = replace(Fleet.make(tmp_path).client("kiosk-1"), ca_file=fleet.client("kiosk-1").ca_file)
    address = replace(broker.address("kiosk-1"), tls=other)
    assert refusal(address) == (Refusal.CERTIFICATE, False)


def test_a_broker_of_another_authority_is_not_taken_by_us(
    broker: TlsBroker, fleet: Fleet, tmp_path: Path
) -> None:
    theirs = replace(fleet.client("kiosk-1"), ca_file=Fleet.make(tmp_path).client("x-1").ca_file)
    address = replace(broker.address("kiosk-1"), tls=theirs)
    assert refusal(address) == (Refusal.AUTHORITY, False)


def test_a_broker_that_is_away_refuses_nobody(broker: TlsBroker) -> None:
    address = replace(broker.address("kiosk-1"), port=free_port())
    assert refusal(address) == (None, False)


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        *((reason, Refusal.CERTIFICATE) for reason in (0x85, 0x86, 0x87, 0x8A)),
        *((reason, None) for reason in (0x80, 0x88, 0x89, 0x97, 0x9F)),
    ],
)
def test_a_busy_broker_is_no_refusal_and_one_that_does_not_authorise_is(
    reason: int, found: Refusal | None
) -> None:
    assert refusal_by(reason) == found


def test_delivery_says_that_it_is_refused_and_since_when(
    broker: TlsBroker, fleet: Fleet, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "data", system_now)
    parts = DeliveryParts(
        store, Topics(fleet.tenant, "shop-1", "kiosk-lost"), "0.1.0", system_now, system_chance
    )
    settings = DeliverySettings("127.0.0.1", broker.port, tls=fleet.client("kiosk-lost"))
    delivery = Delivery(parts, settings, lambda _context: None)
    before = system_now()
    delivery.start()
    try:
        wait_until(lambda: delivery.status().refusal is not None, "it is refused")
        status = delivery.status()
        assert status.refusal is Refusal.CERTIFICATE
        assert status.refused_at is not None
        assert status.refused_at >= before
        assert "CERTIFICATE_REVOKED" in (status.last_error or "")
    finally:
        delivery.stop()
        store.close()
