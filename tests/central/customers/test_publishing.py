"""Messages go out through a real broker, in their order, until it has them for somebody."""

from contextlib import closing
from pathlib import Path

import pytest

from edge.central.customers.publishing import Publishing
from edge.core.chance import system_chance
from edge.identity.consent import Purpose
from edge.sync.mqtt import BrokerAddress, Handlers, MqttConnection
from edge.wire.topics import CentralTopics
from tests.fakes.broker import Broker, listening, running_broker, wait_until
from tests.fakes.central_customers import TENANT, CentralCustomers, said

pytestmark = pytest.mark.broker
TOPIC = f"instore/v1/{TENANT}/d/shop-1-1/down/+"


class Bridge:
    """A worker's connection with nothing else to do."""

    def __init__(self, central: CentralCustomers, broker: Broker) -> None:
        self._con = central.con
        topics = CentralTopics(TENANT)
        self._speaking = Publishing(central.settings.database, topics, central.clock)
        self._link = MqttConnection(
            BrokerAddress("127.0.0.1", broker.port, "bridge-1"),
            Handlers(lambda limits: None, lambda why: None, self._answered, lambda one: None),
            system_chance,
        )
        self._link.connect(None, b"")

    def until(self, sql: str, what: str) -> None:
        """Work until the query says true."""

        def is_so() -> bool:
            self._link.step(0.02)
            self._speaking.turn(self._link)
            row = self._con.execute(sql.encode()).fetchone()
            return row is not None and bool(row[0])

        wait_until(is_so, what)

    def close(self) -> None:
        self._link.disconnect()
        self._link.close()
        self._speaking.close()

    def _answered(self, number: int, reason: int) -> None:
        self._speaking.acknowledged(number, reason)


def test_a_message_that_nobody_would_get_waits_for_the_devices_birth(
    central: CentralCustomers, tmp_path: Path
) -> None:
    shop = central.voice("shop-1-1")
    central.take(
        shop.enrolment(system_chance(32), [said(Purpose.TASTES, central.clock())]),
        shop.enrolment(system_chance(32), [said(Purpose.TASTES, central.clock())]),
    )
    central.tell()
    with running_broker(tmp_path) as broker, closing(Bridge(central, broker)) as bridge:
        is_quiet = "SELECT bool_and(quiet_until > 'epoch') FROM customer_place"
        bridge.until(is_quiet, "the device is left in peace")
        none_out = "SELECT bool_and(published_at IS NULL) FROM customer_message"
        assert central.con.execute(none_out).fetchone() == (True,)

        with listening(broker, TOPIC, "shop-1-1") as device:
            central.born(shop)
            central.tell()
            all_out = "SELECT bool_and(published_at IS NOT NULL) FROM customer_message"
            bridge.until(all_out, "all is published")
            wait_until(device.messages, "the device has it")
            assert {topic.rpartition("/")[2] for topic, *_ in device.messages()} == {"profile"}
            assert not any(retained for _, retained, *_ in device.messages())


def test_of_two_bridges_one_publishes_and_the_other_goes_on_when_it_has_ended(
    central: CentralCustomers, tmp_path: Path
) -> None:
    topics = CentralTopics(TENANT)
    first = Publishing(central.settings.database, topics, central.clock)
    second = Publishing(central.settings.database, topics, central.clock)
    assert first._connected() is not None
    assert second._connected() is None
    first.close()
    wait_until(lambda: second._connected() is not None, "the other has the right")
    second.close()
