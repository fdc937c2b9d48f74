"""The watch between a real broker and a real PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.central.fleet.devices.commands import Asked, ask
from edge.central.fleet.devices.configs import Pointer, desire
from edge.central.fleet.devices.heard import Birth as HeardBirth
from edge.central.fleet.devices.link import LinkParts
from edge.central.fleet.devices.watch import Watch, WatchParts
from edge.central.fleet.rollout.publishing import Publishing
from edge.central.postgres import connect
from edge.core.chance import system_chance
from edge.core.clock import SettableClock, system_clock
from edge.sync.mqtt import BrokerAddress
from edge.wire.releases import Phase, release_states
from edge.wire.status import Birth, offline, online
from edge.wire.topics import CentralTopics, Topics
from tests.fakes.broker import Broker, listening, running_broker, wait_until
from tests.fakes.fleet import Fleet, KeptDocuments, small_plan, state
from tests.fakes.fleet import birth as heard_birth

pytestmark = pytest.mark.broker
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPICS = Topics("harbour", "shop-1", "shop-1-1")


@pytest.fixture
def fleet(fleet_database: str) -> Fleet:
    return Fleet(fleet_database, SettableClock(NOW))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, keeps=True) as broker:
        yield broker


@contextmanager
def watching(fleet: Fleet, broker: Broker) -> Iterator[Watch]:
    link = LinkParts(
        BrokerAddress("127.0.0.1", broker.port, "ops"),
        CentralTopics("harbour"),
        system_clock,
        system_chance,
    )
    publishing = Publishing(fleet.database, KeptDocuments(), fleet.clock)
    watch = Watch(WatchParts(fleet.database, link, publishing, lambda message: b"s" * 64))
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop.is_set,))
    thread.start()
    try:
        wait_until(lambda: watch.is_listening, "the watch listens")
        yield watch
    finally:
        stop.set()
        thread.join(20)


def rows(fleet: Fleet, sql: str) -> list[tuple[object, ...]]:
    with connect(fleet.database) as con:
        return con.execute(sql.encode()).fetchall()


def until(fleet: Fleet, sql: str, found: object) -> None:
    wait_until(lambda: rows(fleet, sql) == [(found,)], f"{sql} gives {found}")


def birth(conn_seq: int) -> bytes:
    return online(Birth("shop-1", "shop-1-1", "0.1.0", "3.45", "e"), conn_seq, NOW)


def test_what_devices_retained_is_known_after_garbage_and_a_restart(
    fleet: Fleet, broker: Broker
) -> None:
    broker.retain(TOPICS.status, birth(1))
    broker.retain("instore/v1/harbour/d/shop-1-2/up/status", b"\xff{not json")
    broker.retain("instore/v1/harbour/d/shop-1-3/up/status", birth(1))  # for another device
    said = release_states([state("shop-1.1", Phase.TRIAL, 3, NOW, {})])
    broker.retain(TOPICS.release, said)
    with watching(fleet, broker):
        until(fleet, "SELECT device FROM device WHERE is_online", "shop-1-1")
        until(fleet, "SELECT phase FROM release_state", "trial")
        broker.kill()
        broker.start()
        broker.retain(TOPICS.status, offline(1, "lost"))
        until(fleet, "SELECT is_online FROM device", False)
    assert len(rows(fleet, "SELECT 1 FROM device")) == 1


def test_what_is_asked_of_a_device_goes_out_once(fleet: Fleet, broker: Broker) -> None:
    fleet.come("shop-1.1")
    fleet.start(small_plan())
    with (
        listening(broker, "instore/v1/harbour/#", "device") as device,
        watching(fleet, broker) as watch,
    ):
        with connect(fleet.database) as con, con.cursor() as cur:
            ask(cur, Asked("shop-1-1", "identify", {}, "ada"), system_clock())
            desire(cur, "shop-1-1", Pointer(1, "config/a.tar", "0" * 64), "ada", NOW)
        publish_open(watch)
        wait_until(lambda: len(device.messages()) >= 3, "all three are there")
        until(fleet, "SELECT count(*) FROM command WHERE sent_at IS NOT NULL", 1)
        until(fleet, "SELECT count(*) FROM desired_config WHERE sent_at IS NOT NULL", 1)
        kinds = sorted(topic.rpartition("/")[2] for topic, *_ in device.messages())
    assert kinds == ["cmd", "config", "release"]


def publish_open(watch: Watch) -> None:
    assert watch._parts.publishing is not None
    watch._parts.publishing.publish_open()


def test_nothing_is_lost_while_the_database_is_away(fleet: Fleet, broker: Broker) -> None:
    with watching(fleet, broker):
        with connect(fleet.database) as con:
            con.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'instore-fleet-watch'"
            )
        broker.retain(TOPICS.status, birth(4))
        until(fleet, "SELECT conn_seq FROM device", 4)


def test_one_message_that_the_database_refuses_does_not_hold_up_the_others(
    fleet: Fleet, broker: Broker
) -> None:
    link = LinkParts(
        BrokerAddress("127.0.0.1", broker.port, "ops"),
        CentralTopics("harbour"),
        system_clock,
        system_chance,
    )
    watch = Watch(WatchParts(fleet.database, link))
    bad, good = heard_birth("shop-1.1", NOW, 1, "e"), heard_birth("shop-1.2", NOW, 1, "e")
    assert isinstance(bad.said, HeardBirth)
    bad = replace(bad, said=bad.said.model_copy(update={"conn_seq": 2**63}))
    watch._link.waiting.heard = [bad, good]
    with connect(fleet.database) as con:
        watch._store(con)
    watch._link.close()
    assert rows(fleet, "SELECT device FROM device") == [("shop-1-2",)]
