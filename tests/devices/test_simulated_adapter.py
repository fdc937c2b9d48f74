"""The simulated BlueZ keeps back what the real one keeps back (identity.md, the table of facts)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge.core.clock import SettableClock
from edge.devices.air import Added, Advertisement, BluezError, Changed, Removed
from edge.devices.simulated_adapter import SimulatedAdapter

PATH = "/org/bluez/hci0/dev_C0_00_00_00_00_01"
OURS: dict[str, Any] = {"RSSI": -90, "DuplicateData": True}
USUAL: dict[str, Any] = {"DuplicateData": False}


class Bench:
    def __init__(self, filters: dict[str, Any], *, has_gaps: bool = False) -> None:
        self.clock = SettableClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
        self.adapter = SimulatedAdapter("hci0", self.clock, has_gaps=has_gaps)
        self.adapter.set_filter("edge", filters)
        self.adapter.start("edge")

    def hear(
        self, rssi_dbm: int, *uuids: str, data: bytes | None = None, after_s: float = 0.1
    ) -> list[object]:
        self.clock.advance(timedelta(seconds=after_s))
        service_data = {} if data is None else {"fd3d": data}
        packet = Advertisement("C0:00:00:00:00:01", rssi_dbm, uuids, service_data)
        return list(self.adapter.hear(packet))


def test_a_new_address_is_added_with_everything() -> None:
    (added,) = Bench(OURS).hear(-60, "b", "a")
    assert isinstance(added, Added)
    assert added.path == PATH
    assert added.properties["UUIDs"] == ["a", "b"]
    assert added.properties["RSSI"] == -60


def test_without_a_filter_by_strength_only_eight_db_are_reported() -> None:
    bench = Bench(USUAL)
    bench.hear(-60)
    assert bench.hear(-67) == []
    assert bench.hear(-68) == [Changed(PATH, {"RSSI": -68})]


def test_with_a_filter_by_strength_every_packet_is_reported() -> None:
    bench = Bench(OURS)
    bench.hear(-60)
    assert bench.hear(-60) == [Changed(PATH, {"RSSI": -60})]


def test_with_a_filter_by_strength_weaker_packets_are_lost() -> None:
    bench = Bench(OURS)
    assert bench.hear(-91) == []
    assert bench.hear(-90) != []


def test_the_same_data_is_reported_again_only_when_duplicates_are_wanted() -> None:
    usual, ours = Bench(USUAL), Bench(OURS)
    for bench in (usual, ours):
        bench.hear(-60, data=b"one")
    assert usual.hear(-60, data=b"one") == []
    assert usual.hear(-60, data=b"two") == [Changed(PATH, {"ServiceData": {"fd3d": b"two"}})]
    assert ours.hear(-60, data=b"one") == [
        Changed(PATH, {"RSSI": -60, "ServiceData": {"fd3d": b"one"}})
    ]


def test_service_uuids_gather_in_the_order_of_their_text() -> None:
    bench = Bench(OURS)
    bench.hear(-60, "b")
    assert bench.hear(-60, "a") == [Changed(PATH, {"RSSI": -60, "UUIDs": ["a", "b"]})]
    assert bench.hear(-60, "b") == [Changed(PATH, {"RSSI": -60})]


def test_an_address_is_forgotten_thirty_seconds_after_its_last_packet() -> None:
    bench = Bench(OURS)
    bench.hear(-60, "a")
    assert bench.hear(-60, "b", after_s=29)
    forgotten, added = bench.hear(-60, "c", after_s=30)
    assert forgotten == Removed(PATH)
    assert isinstance(added, Added)
    assert added.properties["UUIDs"] == ["c"]


def test_five_of_every_fifteen_seconds_are_deaf() -> None:
    bench = Bench(OURS, has_gaps=True)
    heard = [bool(bench.hear(-60, after_s=1)) for _ in range(30)]
    assert heard == [*[True] * 9, *[False] * 5, *[True] * 10, *[False] * 5, True]


def test_nothing_is_heard_before_discovery_starts_or_after_it_ends() -> None:
    bench = Bench(OURS)
    bench.hear(-60)
    assert bench.adapter.stop("edge") == [Changed(PATH, {}, ("RSSI",))]
    assert bench.hear(-60) == []
    assert not bench.adapter.is_discovering


def test_after_a_new_start_the_first_strength_is_reported_whatever_it_is() -> None:
    bench = Bench(USUAL)
    bench.hear(-60)
    bench.adapter.stop("edge")
    bench.adapter.start("edge")
    assert bench.hear(-60) == [Changed(PATH, {"RSSI": -60})]


def test_a_client_that_leaves_the_bus_ends_its_discovery() -> None:
    bench = Bench(OURS)
    bench.adapter.start("another")
    assert bench.adapter.leave("edge") == []
    assert bench.hear(-95) != [], "the filter went with its client"
    assert bench.adapter.leave("another") == [Changed(PATH, {}, ("RSSI",))]
    assert bench.adapter.leave("nobody") == []


def test_a_second_start_and_a_stop_without_a_start_are_refused() -> None:
    bench = Bench(OURS)
    with pytest.raises(BluezError, match="InProgress"):
        bench.adapter.start("edge")
    with pytest.raises(BluezError, match="Failed"):
        bench.adapter.stop("another")


def test_without_power_nothing_is_accepted() -> None:
    bench = Bench(OURS)
    bench.adapter.is_powered = False
    with pytest.raises(BluezError, match="NotReady"):
        bench.adapter.start("another")
    assert bench.hear(-60) == []


def test_a_refused_stop_makes_the_next_start_hear_nothing_until_one_is_accepted() -> None:
    bench = Bench(OURS)
    bench.adapter.refused_stops = 1
    with pytest.raises(BluezError, match="InProgress"):
        bench.adapter.stop("edge")
    bench.adapter.start("edge")
    assert bench.hear(-60) == []
    bench.adapter.stop("edge")
    bench.adapter.start("edge")
    assert bench.hear(-60) != []


def test_sleep_ends_with_a_new_start_and_death_does_not() -> None:
    bench = Bench(OURS)
    bench.adapter.is_asleep = bench.adapter.is_dead = True
    assert bench.hear(-60) == []
    assert bench.adapter.is_discovering, "that is what makes it silent"
    bench.adapter.stop("edge")
    bench.adapter.start("edge")
    assert bench.hear(-60) == []
    bench.adapter.is_dead = False
    assert bench.hear(-60) != []
