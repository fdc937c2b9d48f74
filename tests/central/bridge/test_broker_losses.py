"""What Mosquitto loses of what it acknowledged: gone where its word counts, not where central's does.

Two ways are known: it is killed before it wrote its queues down, and it reads its ACL anew (as after
each enrolment) while a bridge is away. Each is tried both ways, so that the loss is seen.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.central.bridge.service import Plan
from edge.central.fleet.provision.acl import Enrolled
from edge.central.postgres import Connection
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.ids import uuid7
from edge.store.store import Store
from edge.sync.delivery import Confirming, Delivery, DeliveryParts, DeliverySettings
from edge.sync.mqtt import BrokerAddress
from edge.wire.cloudevents import Origin, Track, event
from edge.wire.lanes import Lane
from edge.wire.topics import Topics
from tests.fakes.bare_client import BareClient, Wanted
from tests.fakes.bridge import plan, running_bridge
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.certificates import Fleet, TlsBroker, tls_broker
from tests.fakes.device_events import NOON, TENANT
from tests.fakes.recorded import open_store

pytestmark = pytest.mark.broker

KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
TOPICS = Topics(TENANT, "harbour", "kiosk-01")
DEVICE = Enrolled("kiosk-01", "harbour", "stable")
BY_CENTRAL = Confirming(KEY.public_key().public_bytes_raw(), within_s=1.0)


@dataclass
class Scene:
    """A device and a bridge at one broker."""

    store: Store
    address: BrokerAddress
    plan: Plan
    con: Connection

    def order(self) -> str:
        """Record an event on the device and return its id."""
        origin = Origin("harbour", "kiosk-01", "0.1.0", lambda: "ntp")
        made = event(
            origin,
            Track(
                event_id=uuid7(NOON, system_chance),
                schema="engagement",
                kind="tap",
                title="Offer Tapped",
                lane=Lane.TRANSACTION,
                at=NOON,
                anonymous_id="visit-1",
                properties={},
            ),
        )
        self.store.add_events([made]).result(5)
        return made.event_id

    def ids(self) -> set[str]:
        return {row[0] for row in self.con.execute("SELECT event_id::text FROM event").fetchall()}

    @contextlib.contextmanager
    def delivering(self, by: Confirming | None) -> Iterator[Delivery]:
        settings = DeliverySettings(
            self.address.host,
            self.address.port,
            tls=self.address.tls,
            back_off_min_s=0.05,
            back_off_max_s=0.1,
            confirming=by,
        )
        parts = DeliveryParts(self.store, TOPICS, "0.1.0", SettableClock(NOON), system_chance)
        delivery = Delivery(parts, settings, lambda message: None)
        delivery.start()
        try:
            yield delivery
        finally:
            delivery.stop()

    def enlists_the_bridge(self) -> None:
        """Let the bridge subscribe, see a first event arrive, and leave."""
        with running_bridge(self.plan):
            first = self.order()
            wait_until(lambda: first in self.ids(), "the bridge takes events", 20)
            wait_until(lambda: self.store.health().waiting == 0, "the device has forgotten it", 20)

    def acknowledges(self, delivery: Delivery, by: Confirming | None) -> set[str]:
        """Let the broker, and nobody else, take three events."""
        ids = {self.order() for _ in range(3)}
        if by is None:
            wait_until(lambda: self.store.health().waiting == 0, "the broker has acknowledged")
        else:
            wait_until(
                lambda: delivery.status().unconfirmed == 3 and delivery.status().in_flight == 0,
                "the broker has acknowledged",
            )
        return ids

    def drained(self) -> set[str]:
        """Let the bridge come back and return what it has when nothing waits on the device."""
        with running_bridge(self.plan):
            last = self.order()
            wait_until(lambda: last in self.ids(), "the bridge takes events again", 40)
            wait_until(lambda: self.store.health().waiting == 0, "the device has forgotten all", 40)
        return self.ids()


def scene(tmp_path: Path, address: BrokerAddress, database: str, con: Connection) -> Scene:
    store = open_store(tmp_path / "data", SettableClock(NOON))
    bridge = replace(plan(address.port, database), sign_acked=KEY.sign)
    return Scene(store, address, bridge, con)


@pytest.mark.parametrize("by", [BY_CENTRAL, None], ids=["central", "broker"])
def test_a_broker_that_is_killed_takes_with_it_what_only_it_had_acknowledged(
    tmp_path: Path, database: str, con: Connection, by: Confirming | None
) -> None:
    with running_broker(tmp_path, keeps=True) as broker:
        made = scene(tmp_path, BrokerAddress("127.0.0.1", broker.port, "kiosk-01"), database, con)
        with made.delivering(by) as delivery:
            made.enlists_the_bridge()
            ids = made.acknowledges(delivery, by)
            restart(broker)
            found = made.drained()
        made.store.close()

    assert ids & found == (ids if by else set())


@pytest.mark.parametrize("by", [BY_CENTRAL, None], ids=["central", "broker"])
def test_an_enrolment_while_a_bridge_is_away_loses_what_only_the_broker_acknowledged(
    tmp_path: Path, database: str, con: Connection, by: Confirming | None
) -> None:
    fleet = Fleet.make(tmp_path / "fleet", TENANT)
    with tls_broker(fleet, devices=(DEVICE,)) as broker:
        made = scene(tmp_path, broker.address("kiosk-01"), database, con)
        made.plan = replace(made.plan, address=broker.address("bridge-1"))
        with made.delivering(by) as delivery:
            made.enlists_the_bridge()
            enrol_another(broker)
            ids = made.acknowledges(delivery, by)
            found = made.drained()
        made.store.close()

    assert ids & found == (ids if by else set())


def restart(broker: Broker) -> None:
    broker.kill()
    broker.start()


def enrol_another(broker: TlsBroker) -> None:
    """Write the ACL with one device more, and return when the broker has read it."""
    broker.write_acl((DEVICE, Enrolled("kiosk-02", "harbour", "stable")))
    broker.hang_up()
    # It looks for the signal once in each round of its loop; a connection takes several.
    new = BareClient(broker.port, Wanted("kiosk-02", broker.fleet.client("kiosk-02"), clean=True))
    assert new.connect() == 0
    for _ in range(3):
        assert new.publish(Topics(TENANT, "harbour", "kiosk-02").status, b"{}") in {0, 0x10}
    new.leave()
