"""Delivery to a real Mosquitto, read by mosquitto_sub: late, interrupted, refused, never lossy."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.chance import system_chance
from edge.core.clock import SettableClock, system_clock
from edge.store.store import Store
from edge.sync.delivery import Confirming, Delivery, DeliveryParts, DeliverySettings
from edge.wire.acked import Acked, sign_acked
from edge.wire.context_message import ContextMessage
from edge.wire.topics import Topics
from tests.fakes.broker import free_port, listening, running_broker, wait_until
from tests.fakes.recorded import NOON, TestEvent, event, open_store

TOPICS = Topics("demo", "harbour", "kiosk-01")
STATUS = "instore/v1/+/d/+/up/status"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "data", system_clock)
    yield made
    made.close()


@contextmanager
def delivering(
    store: Store, port: int, contexts: list[ContextMessage] | None = None
) -> Iterator[Delivery]:
    parts = DeliveryParts(store, TOPICS, "0.1.0", system_clock, system_chance)
    settings = DeliverySettings("127.0.0.1", port, back_off_min_s=0.05, back_off_max_s=0.1)
    delivery = Delivery(parts, settings, ([] if contexts is None else contexts).append)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.stop()


def record(store: Store, *events: TestEvent) -> list[str]:
    store.add_events(events).result(5)
    return [one.event_id for one in events]


def wait_for_delivery(store: Store) -> None:
    wait_until(lambda: store.health().waiting == 0, "the outbox is empty", 30)


# ---- without a broker ----------------------------------------------------------------------


def test_without_a_broker_in_the_settings_delivery_is_off_and_nothing_fails(store: Store) -> None:
    delivery = Delivery(
        DeliveryParts(store, TOPICS, "0.1.0", SettableClock(NOON), system_chance),
        None,
        lambda message: None,
    )
    delivery.start()
    record(store, event())

    assert (delivery.status().state, delivery.status().since) == ("off", NOON)
    delivery.stop()


def test_a_broker_that_is_away_blocks_nothing_and_is_told(store: Store) -> None:
    with delivering(store, free_port()) as delivery:
        wait_until(lambda: delivery.status().last_error is not None, "the failure is noted")
        record(store, event())

        assert delivery.status().state in {"waiting", "connecting"}
        assert "wanted the broker at 127.0.0.1" in (delivery.status().last_error or "")
    assert delivery.status().state == "stopped"
    assert store.health().waiting == 1


def test_a_broker_that_accepts_and_then_says_nothing_is_given_up(store: Store) -> None:
    parts = DeliveryParts(store, TOPICS, "0.1.0", system_clock, system_chance)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = DeliverySettings("127.0.0.1", silent.getsockname()[1], answer_within_s=0.05)
        delivery = Delivery(parts, settings, lambda message: None)
        delivery.start()
        wait_until(lambda: "got silence" in (delivery.status().last_error or ""), "it is given up")
        delivery.stop()


def test_a_mistake_of_ours_is_noted_and_tried_again(store: Store) -> None:
    parts = DeliveryParts(store, TOPICS, "0.1.0", system_clock, system_chance)
    settings = DeliverySettings("not a host name", -1, back_off_min_s=0.01, back_off_max_s=0.01)
    delivery = Delivery(parts, settings, lambda message: None)
    delivery.start()
    wait_until(lambda: "ValueError" in (delivery.status().last_error or ""), "it is noted")

    assert delivery.status().state != "stopped"
    delivery.stop()


# ---- with one ------------------------------------------------------------------------------


@pytest.mark.broker
def test_what_is_recorded_reaches_central_in_its_lane_in_order_and_stamped(
    store: Store, tmp_path: Path
) -> None:
    with running_broker(tmp_path) as broker, listening(broker) as central:
        ids = record(store, event("e"), event("e"), event("t"))
        with delivering(store, broker.port) as delivery:
            wait_for_delivery(store)
            wait_until(lambda: len(central.ids()) == 3, "all arrive")

            messages = {topic: body for topic, _, _, body in central.messages()}
            assert sorted(messages) == [f"instore/v1/demo/d/kiosk-01/up/ev/{x}" for x in "et"]
            assert [one["id"] for one in orjson.loads(messages[TOPICS.events("e")])] == ids[:2]
            assert [one["seq"] for one in orjson.loads(messages[TOPICS.events("e")])] == [1, 2]
            types = {topic[-1]: content for topic, _, content, _ in central.messages()}
            assert types == {
                "e": "application/cloudevents-batch+json",
                "t": "application/cloudevents+json",
            }
            assert delivery.status().state == "connected"


@pytest.mark.broker
def test_a_broker_that_comes_late_gets_everything(store: Store, tmp_path: Path) -> None:
    with running_broker(tmp_path, keeps=True) as broker:
        with listening(broker):
            pass  # central's session is there from now on
        broker.stop()
        with delivering(store, broker.port) as delivery:
            ids = record(store, *(event(size=700) for _ in range(2000)))
            wait_until(lambda: delivery.status().last_error is not None, "a first failure")
            broker.start()
            wait_for_delivery(store)
        with listening(broker) as central:
            wait_until(lambda: len(central.ids()) >= 2000, "all arrive")

            assert sorted(central.ids()) == sorted(ids)


@pytest.mark.broker
def test_a_broker_that_dies_over_and_over_loses_and_repeats_nothing_by_id(
    store: Store, tmp_path: Path
) -> None:
    ids: list[str] = []
    with running_broker(tmp_path, keeps=True) as broker, listening(broker) as central:
        with delivering(store, broker.port):
            for _ in range(4):
                ids += record(store, *(event(size=900) for _ in range(400)))
                broker.stop()
                ids += record(store, *(event(size=900) for _ in range(100)))
                broker.start()
            wait_for_delivery(store)
        wait_until(lambda: set(central.ids()) >= set(ids), "all arrive", 30)

        assert set(central.ids()) == set(ids)


@pytest.mark.broker
def test_the_birth_is_retained_and_a_goodbye_replaces_it(store: Store, tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        with delivering(store, broker.port) as delivery:
            wait_until(lambda: delivery.status().state == "connected", "it is connected")
            with listening(broker, STATUS, "ops") as ops:
                wait_until(ops.messages, "the birth arrives")
                (birth,) = [orjson.loads(body) for _, _, _, body in ops.messages()]
        with listening(broker, STATUS, "later") as later:
            wait_until(later.messages, "the goodbye arrives")
            (goodbye,) = [orjson.loads(body) for _, _, _, body in later.messages()]

    assert (birth["status"], birth["conn_seq"], birth["epoch"]) == (
        "online",
        1_000_001,
        store.reads.epoch(),
    )
    assert goodbye == {"status": "offline", "conn_seq": 1_000_001, "why": "stopped"}


@pytest.mark.broker
def test_the_connections_number_grows_over_restarts(store: Store, tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker, listening(broker, STATUS, "ops") as ops:
        for _ in range(2):
            with delivering(store, broker.port) as delivery:
                wait_until(lambda: delivery.status().state == "connected", "it is connected")
        wait_until(lambda: len(ops.messages()) == 4, "two births and two goodbyes")
        numbers = [orjson.loads(body)["conn_seq"] for _, _, _, body in ops.messages()]

    assert numbers == [1_000_001, 1_000_001, 2_000_001, 2_000_001]


@pytest.mark.broker
def test_a_broker_that_does_not_authorise_us_loses_nothing(store: Store, tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic read #\ntopic write test/#\ntopic write +/+/+/+/+/up/status\n")
    with (
        running_broker(tmp_path, more=f"acl_file {rules}") as broker,
        listening(broker) as central,
        delivering(store, broker.port) as delivery,
    ):
        record(store, event())
        wait_until(lambda: delivery.status().sent.refused >= 2, "it is refused twice")

        assert store.health().waiting == 1
        assert central.ids() == []


@pytest.mark.broker
def test_context_that_central_retains_is_taken_and_nonsense_is_not(
    store: Store, tmp_path: Path
) -> None:
    contexts: list[ContextMessage] = []
    site, device = TOPICS.contexts
    with running_broker(tmp_path) as broker:
        broker.retain(site, b'{"version":1,"sent_at":"2026-03-01T11:00:00Z","kitchen_load":0.9}')
        broker.retain(device, b"[" * 5000)
        with delivering(store, broker.port, contexts) as delivery:
            wait_until(lambda: contexts, "the context arrives")
            wait_until(lambda: delivery.status().last_error is not None, "nonsense is noted")

            assert [message.kitchen_load for message in contexts] == [0.9]
            assert "context: wanted JSON" in (delivery.status().last_error or "")
            assert delivery.status().state == "connected"


@pytest.mark.broker
def test_a_context_that_breaks_its_reader_does_not_stop_delivery(
    store: Store, tmp_path: Path
) -> None:
    def fails(message: ContextMessage) -> None:
        raise ZeroDivisionError(message.version)

    parts = DeliveryParts(store, TOPICS, "0.1.0", system_clock, system_chance)
    with running_broker(tmp_path) as broker, listening(broker):
        broker.retain(TOPICS.contexts[0], b'{"version":1,"sent_at":"2026-03-01T11:00:00Z"}')
        settings = DeliverySettings("127.0.0.1", broker.port)
        delivery = Delivery(parts, settings, fails)
        delivery.start()
        wait_until(lambda: "ZeroDivision" in (delivery.status().last_error or ""), "it is noted")
        record(store, event())
        wait_for_delivery(store)
        delivery.stop()


@pytest.mark.broker
def test_the_latest_word_is_said_again_to_a_broker_that_forgot_it(
    store: Store, tmp_path: Path
) -> None:
    with running_broker(tmp_path) as broker, delivering(store, broker.port) as delivery:
        wait_until(lambda: delivery.status().state == "connected", "it is connected")
        delivery.retain(TOPICS.release, b"1")
        delivery.retain(TOPICS.release, b"2")
        delivery.answer(TOPICS.result("x"), b"done")
        broker.kill()
        wait_until(lambda: delivery.status().state != "connected", "it is noticed")
        broker.start()
        wait_until(lambda: delivery.status().state == "connected", "it is connected again")
        with listening(broker, "instore/v1/+/d/+/up/#", "ops") as ops:
            wait_until(lambda: len(ops.messages()) >= 2, "both are there")
            kept = {topic: payload for topic, _, _, payload in ops.messages()}

    assert kept[TOPICS.release] == b"2"
    assert set(kept) == {TOPICS.release, TOPICS.status}


@pytest.mark.broker
def test_large_batches_go_compressed_and_say_so_and_small_ones_do_not(
    store: Store, tmp_path: Path
) -> None:
    with running_broker(tmp_path) as broker, listening(broker) as central:
        record(store, event("t"))
        ids = record(store, *(event(size=700) for _ in range(50)))
        with delivering(store, broker.port):
            wait_for_delivery(store)
            wait_until(lambda: set(central.ids()) >= set(ids), "all arrive")
        said = {
            line.split("\t")[0][-1]: (line.split("\t")[3], len(line.split("\t")[4]) // 2)
            for line in (broker.folder / "central.out").read_text().splitlines()
        }

    assert said["t"][0].strip() == ""
    assert "content-encoding:gzip" in said["e"][0]
    assert said["e"][1] < 50 * 700 / 5


@pytest.mark.broker
def test_only_centrals_own_word_lets_an_event_be_forgotten(store: Store, tmp_path: Path) -> None:
    central, other = (Ed25519PrivateKey.from_private_bytes(key * 32) for key in (b"c", b"o"))
    epoch = store.reads.epoch()
    acked = Acked(tenant="demo", device="kiosk-01", epoch=epoch, lanes={"t": ((1, 1),)})
    parts = DeliveryParts(store, TOPICS, "0.1.0", system_clock, system_chance)
    with running_broker(tmp_path) as broker, listening(broker) as listener:
        confirming = Confirming(central.public_key().public_bytes_raw())
        settings = DeliverySettings("127.0.0.1", broker.port, confirming=confirming)
        delivery = Delivery(parts, settings, lambda message: None)
        delivery.start()
        record(store, event("t"))
        wait_until(listener.ids, "the broker has it")
        wait_until(lambda: delivery.status().unconfirmed == 1, "it waits for central")
        broker.retain(TOPICS.acked, sign_acked(acked, other.sign))
        wait_until(lambda: "central signed" in (delivery.status().last_error or ""), "it is noted")
        assert store.health().waiting == 1

        broker.retain(TOPICS.acked, sign_acked(acked, central.sign))
        wait_for_delivery(store)
        assert delivery.status().unconfirmed == 0
        delivery.stop()
