"""The store keeps what belongs together together, and forgets in time."""

from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.core.errors import ContractError, StorageUnavailableError
from edge.store.observed import Observation
from edge.store.stock import StockLevel
from edge.store.store import Store
from tests.fakes.recorded import (
    NOON,
    TestEvent,
    decision,
    engagement,
    event,
    new_id,
    open_store,
    order,
)


def waiting(store: Store, lane: str = "e") -> list[str]:
    return [row.event_id for row in store.reads.waiting(lane, 1000)]


# ---- decisions -----------------------------------------------------------------------------


def test_a_decision_and_its_event_are_kept_together(store: Store) -> None:
    made, told = decision(), event()
    store.record_decision(made, [told]).result(5)

    assert store.reads.decision(made.decision_id) == made
    assert store.reads.latest_decisions(5) == [made]
    assert waiting(store) == [told.event_id]


def test_a_decision_that_cannot_be_kept_takes_its_event_with_it(store: Store) -> None:
    made = decision()
    store.record_decision(made, []).result(5)

    with pytest.raises(ContractError):
        store.record_decision(made, [event()]).result(5)
    assert waiting(store) == []


def test_an_event_that_cannot_be_kept_takes_its_decision_with_it(store: Store) -> None:
    made = decision()

    with pytest.raises(ContractError, match="UUID"):
        store.record_decision(made, [event(event_id="nonsense")]).result(5)
    assert store.reads.decision(made.decision_id) is None


@pytest.mark.parametrize("unknown", [new_id(), "nonsense", ""], ids=["new", "nonsense", "empty"])
def test_an_unknown_decision_is_none(store: Store, unknown: str) -> None:
    assert store.reads.decision(unknown) is None
    assert store.reads.engagements(unknown) == []
    assert store.reads.order(unknown) is None


# ---- engagements ---------------------------------------------------------------------------


def test_an_engagement_and_its_event_are_kept_once_however_often_they_come(store: Store) -> None:
    tap = engagement("tap")
    told = TestEvent(tap.event_id)

    assert store.add_events([told], [tap]).result(5) == 1
    store.receipts.acknowledge([tap.event_id]).result(5)
    assert store.add_events([told], [tap]).result(5) == 0
    assert waiting(store) == []
    assert store.reads.engagements(tap.decision_id) == [tap]


def test_a_decision_somebody_saw_outlives_one_nobody_saw(tmp_path: Path) -> None:
    with_room_for_three = open_store(tmp_path)
    seen, unseen = decision(), decision()
    for made in (seen, unseen):
        told = TestEvent(made.decision_id, kind="decision")
        with_room_for_three.record_decision(made, [told]).result(5)
    look = engagement("exposure", decision_id=seen.decision_id)
    with_room_for_three.add_events([TestEvent(look.event_id)], [look]).result(5)

    ranks = with_room_for_three.writer.submit(
        lambda con: [r for (r,) in con.execute("SELECT eviction FROM outbox ORDER BY place")]
    ).result(5)
    assert ranks == [4, 3, 4]
    with_room_for_three.close()


# ---- orders --------------------------------------------------------------------------------


def test_an_order_gets_its_number_inside_the_transaction_and_its_event_carries_it(
    store: Store,
) -> None:
    numbers: list[int] = []

    def events(number: int) -> list[TestEvent]:
        numbers.append(number)
        return [event("t", "order")]

    first = store.add_order(order(), events).result(5)
    second = store.add_order(order(), events).result(5)

    assert [first.display_no, second.display_no] == numbers == [1, 2]
    assert waiting(store, "t") == [*first.event_ids, *second.event_ids]
    assert store.reads.order(first.order.order_id) == first
    assert first.order.lines[0].options == {"milk": ("oat",)}


def test_a_repeated_order_is_the_first_one_again(store: Store) -> None:
    once = order()
    first = store.add_order(once, lambda _: [event("t", "order")]).result(5)
    again = store.add_order(once, lambda _: [event("t", "order")]).result(5)

    assert again == first
    assert len(waiting(store, "t")) == 1


def test_numbers_start_again_each_day_and_after_999(store: Store) -> None:
    store.add_order(order(), lambda _: []).result(5)
    store.writer.submit(lambda con: con.execute("UPDATE shop_order SET display_no = 999")).result(5)

    assert store.add_order(order(), lambda _: []).result(5).display_no == 1
    tomorrow = store.add_order(order(minutes=24 * 60), lambda _: []).result(5)
    assert tomorrow.display_no == 1


def test_a_till_reads_orders_from_a_moment_on_and_reports_their_state(store: Store) -> None:
    early, late = order(minutes=1), order(minutes=5)
    store.add_order(early, lambda _: []).result(5)
    store.add_order(late, lambda _: []).result(5)

    assert store.set_order_state(late.order_id, "paid", [event("t")]).result(5)
    assert not store.set_order_state(new_id(), "paid", [event("t")]).result(5)
    (found,) = store.reads.orders_since(NOON + timedelta(minutes=5))
    assert (found.order, found.state) == (late, "paid")
    assert len(waiting(store, "t")) == 1
    with pytest.raises(ContractError, match="wanted a state among taken, paid"):
        store.set_order_state(late.order_id, "eaten").result(5)


def test_sales_of_a_span_are_sets_of_skus_without_cancelled_orders(store: Store) -> None:
    kept, cancelled = order(minutes=10, skus=("tea", "jam")), order(minutes=11)
    for one in (order(minutes=0), kept, cancelled, order(minutes=30)):
        store.add_order(one, lambda _: []).result(5)
    store.set_order_state(cancelled.order_id, "cancelled").result(5)

    found = store.reads.orders_between(NOON + timedelta(minutes=5), NOON + timedelta(minutes=30))
    assert found == [(kept.order_id, frozenset({"tea", "jam"}))]


# ---- stock and facts -----------------------------------------------------------------------


def test_stock_is_known_where_somebody_said_so_and_every_change_counts(store: Store) -> None:
    assert store.reads.stock() == (0, {})
    assert store.set_stock([StockLevel("tea", 0), StockLevel("jam", 4)]).result(5) == 1
    assert store.reads.sold_out() == frozenset({"tea"})
    assert store.set_stock([StockLevel("tea", None)], [event("m", "stock")]).result(5) == 2

    assert store.reads.stock() == (2, {"jam": 4})
    assert store.reads.sold_out() == frozenset()
    assert len(waiting(store, "m")) == 1


def test_facts_from_outside_replace_the_one_before(store: Store) -> None:
    old = Observation("kitchen_load", b"0.2", "till", NOON)
    new = Observation("kitchen_load", b"0.9", "kitchen", NOON + timedelta(minutes=1))
    store.observe([old, Observation("weather", b"{}", "broker", NOON)]).result(5)
    store.observe([new]).result(5)

    assert store.reads.observed()["kitchen_load"] == new
    assert sorted(store.reads.observed()) == ["kitchen_load", "weather"]


def test_a_counter_outlives_a_restart(tmp_path: Path) -> None:
    for expected in (1, 2):
        store = open_store(tmp_path)
        assert store.count_up("starts").result(5) == expected
        store.close()


# ---- keeping house -------------------------------------------------------------------------


def test_after_thirty_days_everything_but_undelivered_orders_is_gone(
    store: Store, clock: SettableClock
) -> None:
    made, tap, sold = decision(), engagement(), order()
    store.record_decision(made, [event()])
    store.add_events([TestEvent(tap.event_id)], [tap])
    store.add_order(sold, lambda _: [event("t", "order")]).result(5)

    clock.advance(timedelta(days=29))
    assert store.sweep() == 0
    clock.advance(timedelta(days=2))
    assert store.sweep(trusts_clock=False) == 0
    assert store.sweep() == 5

    assert store.reads.decision(made.decision_id) is None
    assert store.reads.engagements(tap.decision_id) == []
    assert store.reads.order(sold.order_id) is None
    assert (len(waiting(store)), len(waiting(store, "t"))) == (0, 1)


def test_a_sweep_goes_in_slices_until_nothing_old_is_left(
    store: Store, clock: SettableClock
) -> None:
    for _ in range(1200):
        store.record_decision(decision(), [])
    clock.advance(timedelta(days=31))
    fresh = decision(at=clock())
    store.record_decision(fresh, [])

    assert store.sweep() == 1200
    assert store.reads.latest_decisions(5) == [fresh]


def test_health_tells_what_waits_and_since_when(store: Store) -> None:
    store.add_events([event(), event("m", "health")]).result(5)

    health = store.health()
    assert (health.waiting, health.dropped, health.oldest_at, health.last_error) == (
        2,
        0,
        NOON,
        None,
    )
    assert health.waiting_bytes > 0


def test_a_closed_store_answers_instead_of_waiting(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    store.close()

    with pytest.raises(StorageUnavailableError, match="closed"):
        store.record_decision(decision(), []).result(5)
    with pytest.raises(StorageUnavailableError, match="closed"):
        store.reads.sold_out()
    assert store.health().lanes == {}
