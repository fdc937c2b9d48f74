"""A worker against a real broker and a real PostgreSQL: acknowledged is kept, kept is once."""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.central.bridge.carrying import Carrying, Graveyard
from edge.central.bridge.figures import Figures
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import Incoming
from edge.central.bridge.taken import Pace
from edge.central.bridge.worker import Parts, Worker
from edge.central.postgres import Connection, connect
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError
from edge.sync.mqtt import BrokerAddress
from edge.wire.compressed import squeeze
from edge.wire.topics import CentralTopics
from tests.fakes.bridge import Devices, bridges, plan, running_bridge
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.device_events import NOON, TENANT, Sender
from tests.fakes.dice import Dice

pytestmark = pytest.mark.broker

SENDER = Sender()
KILLS = int(os.environ.get("BRIDGE_KILLS", "20"))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as broker:
        yield broker


@contextlib.contextmanager
def devices_of(broker: Broker) -> Iterator[Devices]:
    devices = Devices(broker)
    try:
        yield devices
    finally:
        devices.close()


def count(con: Connection, table: str = "event") -> int:
    row = con.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def subscribed(devices: Devices, con: Connection) -> None:
    """Wait until somebody takes events, with one event of another device."""
    first = Sender(device="kiosk-99", epoch="99" * 8)
    probe = first.message([1])

    def is_heard() -> bool:
        devices.publish([probe])
        return count(con) > 0

    wait_until(is_heard, "the bridge has subscribed", 20)


def test_what_devices_publish_is_in_the_database(
    broker: Broker, con: Connection, database: str
) -> None:
    long = SENDER.message(range(100, 140))
    payload, encoding = squeeze(long.payload)
    assert encoding
    with running_bridge(plan(broker.port, database)), devices_of(broker) as devices:
        subscribed(devices, con)
        devices.publish([SENDER.message([1, 2, 3]), SENDER.message([3, 4])])
        devices.publish([Incoming(long.topic, payload, encoding)])
        wait_until(lambda: count(con) == 1 + 4 + 40, "all is written")


def test_poison_is_set_aside_and_what_comes_after_it_goes_on(
    broker: Broker, con: Connection, database: str
) -> None:
    poison = Incoming(SENDER.topic, b"{not json")
    stranger = Incoming(SENDER.topic, Sender(device="kiosk-02").body(1))
    with running_bridge(plan(broker.port, database)), devices_of(broker) as devices:
        subscribed(devices, con)
        devices.publish([poison, stranger, SENDER.message([1])])
        wait_until(lambda: count(con) == 2, "the good one is written")
        wait_until(lambda: count(con, "dead_letter") == 2, "the others are set aside")


def test_what_comes_while_no_worker_runs_waits_for_it_under_its_name(
    broker: Broker, con: Connection, database: str
) -> None:
    with devices_of(broker) as devices:
        with running_bridge(plan(broker.port, database)):
            subscribed(devices, con)
        devices.publish([SENDER.message([n]) for n in range(1, 50)])
        assert count(con) == 1
        with running_bridge(plan(broker.port, database)):
            wait_until(lambda: count(con) == 50, "what waited is written")


def test_two_workers_share_the_load_and_what_each_has_counts_once(
    broker: Broker, con: Connection, database: str
) -> None:
    with (
        devices_of(broker) as devices,
        running_bridge(plan(broker.port, database, "bridge-1")),
        running_bridge(plan(broker.port, database, "bridge-2")),
    ):
        subscribed(devices, con)
        for start in range(1, 400, 20):
            devices.publish([SENDER.message(range(n, n + 8)) for n in range(start, start + 20, 4)])
        wait_until(lambda: count(con) == 1 + 404, "all is written")
    row = con.execute(
        "SELECT contiguous_seq, arrived, reused FROM high_water WHERE lane = 'e' "
        "AND device = 'kiosk-01'"
    ).fetchone()
    assert row == (404, 404, 0)


def test_two_workers_of_one_name_say_so_and_still_keep_each_event_once(
    broker: Broker, database: str, con: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        devices_of(broker) as devices,
        running_bridge(plan(broker.port, database, pace=Pace(longest_pause_s=2.0))),
        running_bridge(plan(broker.port, database, pace=Pace(longest_pause_s=2.0))),
    ):
        subscribed(devices, con)
        for first in range(1, 400, 20):
            devices.publish([SENDER.message(range(first, first + 20))])
        wait_until(lambda: count(con) == 401, "all is written", 20)
        wait_until(lambda: "give each its own --worker" in caplog.text, "it is said", 20)
    # The pauses between their connections grow, instead of several a second for ever.
    assert caplog.text.count("give each its own") < 12


def kill_while_events_flow(broker: Broker, database: str, kills: int, events: int) -> None:
    """Kill the only worker again and again, at any moment, while devices publish."""
    dice = Dice("bridge")
    senders = [Sender(device=f"kiosk-{n:02d}") for n in range(4)]
    each = events // len(senders)
    messages = [
        sender.message(range(first, first + 5))
        for first in range(1, each + 1, 5)
        for sender in senders
    ]
    step = -(-len(messages) // kills)
    pace = Pace(most_messages=4, linger_s=0.002, longest_pause_s=0.3)
    with (
        devices_of(broker) as devices,
        bridges(broker.port, database, pace) as processes,
        connect(database) as con,
    ):
        con.autocommit = True
        pid = processes.start()
        subscribed(devices, con)
        pause = threading.Event()
        for number in range(kills):
            devices.publish(messages[number * step : (number + 1) * step])
            pause.wait(dice.below(120) / 1000)
            processes.kill(pid)
            pid = processes.start()
        wait_until(lambda: count(con) >= events + 1, "everything came", 30)
        processes.stop(pid)
        assert count(con) == events + 1
        rows = con.execute(
            "SELECT device, arrived, contiguous_seq, reused FROM high_water ORDER BY device"
        ).fetchall()
    assert rows == [*((s.device, each, each, 0) for s in senders), ("kiosk-99", 1, 1, 0)]


@pytest.mark.timeout(60)
def test_a_worker_killed_twenty_times_loses_nothing_and_counts_nothing_twice(
    broker: Broker, con: Connection, database: str
) -> None:
    kill_while_events_flow(broker, database, kills=20, events=2_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_worker_killed_a_few_hundred_times_loses_nothing(
    broker: Broker, con: Connection, database: str
) -> None:
    kill_while_events_flow(broker, database, kills=max(KILLS, 300), events=30_000)


class Away:
    """A database that can be away: then nothing is written and nothing may be acknowledged."""

    def __init__(self, carrying: Carrying) -> None:
        self.is_away = True
        self.asked = 0
        self.tried = 0
        self._carrying = carrying

    def check(self) -> None:
        self.asked += 1
        if self.is_away and self.tried:
            raise StorageUnavailableError("wanted PostgreSQL, got none")

    def carry(self, messages: list[Incoming]) -> object:
        self.tried += 1
        if self.is_away:
            raise StorageUnavailableError("wanted PostgreSQL, got none")
        return self._carrying.carry(messages)


def test_while_the_database_is_away_nothing_is_acknowledged_and_the_worker_leaves_the_broker(
    broker: Broker,
    con: Connection,
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    sink, graveyard = PostgresSink(database), Graveyard(database)
    topics = CentralTopics(TENANT)
    away = Away(Carrying(topics, sink, graveyard, SettableClock(NOON)))
    worker = Worker(
        BrokerAddress("127.0.0.1", broker.port, "bridge-1"),
        topics.events,
        Parts(away, away, Figures("bridge-1"), system_chance),  # type: ignore[arg-type]
        Pace(linger_s=0.0, patience_s=0.1, longest_pause_s=0.2),
    )
    stopped = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stopped,))
    thread.start()
    try:
        wait_until(lambda: "connected; taking" in caplog.text, "it has subscribed")
        with devices_of(broker) as devices:
            devices.publish([SENDER.message([1, 2])])
            wait_until(lambda: "leaving the broker" in caplog.text, "it leaves")
            asked = away.asked
            wait_until(lambda: away.asked > asked, "it asks whether the database is back")
            devices.publish([SENDER.message([3])])
            assert count(con) == 0
            away.is_away = False
            wait_until(lambda: count(con) == 3, "all of it comes again and is written")
    finally:
        stopped.set()
        thread.join()
        sink.close()
        graveyard.close()
