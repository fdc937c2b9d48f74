"""Attacks by a device of the same shop, over the shop's own broker: under its own name, in any words."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from edge.app.lan_sharing.sharing import MOST_SCREENS, LanSharing, Shared
from edge.app.lan_sharing.shop_counts import ShopCounts
from edge.context.shared_counts import MOST_DEVICES, MOST_OFFERS, SharedCounts
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError, WireContractError
from edge.identity.presence import Refusal
from edge.identity.used import MAX_PER_TELLER, UsedCodes
from edge.store.store import Store
from edge.sync.lan import LanLink, LanSettings
from edge.sync.mqtt import Received
from edge.wire.lan import COUNTS, NEAR, STOCK, USED, CountsTold, StockTold, told_bytes
from edge.wire.topics import Topics
from tests.fakes.recorded import NOON, open_store

TODAY = NOON.date()


class Stock:
    """Notes what it heard."""

    def __init__(self) -> None:
        self.told: list[StockTold] = []

    def heard(self, told: StockTold) -> None:
        self.told.append(told)


class Beacons:
    """Notes at which screens it heard anything."""

    def __init__(self) -> None:
        self.screens: set[str] = set()

    def heard_elsewhere(self, _frame: bytes, screen: str, _place: str, _rssi: float) -> None:
        self.screens.add(screen)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def parts(store: Store, clock: SettableClock) -> SimpleNamespace:
    counts = ShopCounts("kiosk-1", store, clock, lambda at: at.date())
    found = SimpleNamespace(stock=Stock(), counts=counts, used=UsedCodes(), beacons=Beacons())
    shared = Shared("kiosk-1", cast("Any", found.stock), counts, clock, found.used, found.beacons)
    found.sharing = LanSharing(shared)
    return found


def _stock(seq: int) -> bytes:
    return told_bytes(StockTold(entries=(("latte", seq, "mallory", seq),)))


def test_counts_of_days_and_offers_without_end_take_no_memory(parts: SimpleNamespace) -> None:
    for number in range(300):
        day = TODAY + timedelta(days=number)
        offers = {f"offer-{number}-{i}": (1, 1) for i in range(20)}
        told = CountsTold(days={day: offers, TODAY: offers, date(9999, 1, 1): offers})
        parts.counts.heard("mallory", told)
    kept = parts.counts._counts._of["mallory"]
    assert set(kept) == {TODAY, TODAY + timedelta(days=1)}
    assert len(kept[TODAY]) == MOST_OFFERS


def test_devices_without_end_take_no_memory() -> None:
    counts = SharedCounts("kiosk-1")
    for number in range(1_000):
        counts.hear(f"mallory-{number}", {TODAY: {"x": (1, 0)}})
    assert len(counts._of) == MOST_DEVICES


def test_a_neighbour_counts_under_its_own_name_only(parts: SimpleNamespace) -> None:
    told = CountsTold(days={TODAY: {"x": (7, 7)}})
    parts.sharing.heard(COUNTS, "kiosk-2", told_bytes(told))
    lie = CountsTold(days={TODAY: {"x": (0, 0)}})
    parts.sharing.heard(COUNTS, "mallory", told_bytes(lie))
    assert parts.counts.of_shop("x", NOON) == (7, 7)  # nobody's number falls by it


def test_of_a_flood_of_states_only_the_newest_is_looked_at_and_others_are_heard_at_once(
    parts: SimpleNamespace, clock: SettableClock
) -> None:
    for seq in range(1, 1_001):
        parts.sharing.heard(STOCK, "mallory", _stock(seq))
    assert len(parts.stock.told) <= 60

    parts.sharing.heard(STOCK, "kiosk-2", _stock(7))
    assert parts.stock.told[-1].entries[0][1] == 7

    parts.sharing.tick()
    assert parts.stock.told[-1].entries[0][1] == 1_000  # nothing that holds is lost
    clock.advance(timedelta(minutes=1))
    parts.sharing.heard(STOCK, "mallory", _stock(1_001))
    assert parts.stock.told[-1].entries[0][1] == 1_001


def test_a_state_that_waited_and_is_none_hurts_nobody(parts: SimpleNamespace) -> None:
    for seq in range(1, 100):
        parts.sharing.heard(STOCK, "mallory", _stock(seq))
    parts.sharing.heard(STOCK, "mallory", b"{")
    parts.sharing.tick()
    parts.sharing.heard(STOCK, "kiosk-2", _stock(7))
    assert parts.stock.told[-1].entries[0][1] == 7


def test_a_neighbour_cannot_fill_the_memory_of_used_codes(clock: SettableClock) -> None:
    used = UsedCodes()
    at_s = int(NOON.timestamp())
    for number in range(3 * MAX_PER_TELLER):
        used.hear(number.to_bytes(16, "big"), at_s, NOON, "mallory")
    assert len(used) == MAX_PER_TELLER

    honest = UsedCodes()
    told: list[bytes] = []
    honest.told = lambda digest, _at_s: told.append(digest)
    assert honest.take(b"ada's code", b"ada", at_s, NOON) is None
    used.hear(told[0], at_s, NOON, "kiosk-2")
    # What an honest device tells is heard; what nobody used opens.
    assert used.take(b"ada's code", b"ada", at_s, NOON) is Refusal.USED
    assert used.take(b"ben's code", b"ben", at_s, NOON) is None


def test_a_neighbour_names_a_few_screens_and_is_refused_more(
    parts: SimpleNamespace, clock: SettableClock
) -> None:
    def near(device: str, screen: str) -> None:
        told = {"version": 1, "frame": "ab" * 16, "screen": screen, "place": "x", "rssi_dbm": -30}
        parts.sharing.heard(NEAR, device, orjson.dumps(told))

    for number in range(300):
        clock.advance(timedelta(seconds=1))
        try:
            near("mallory", f"screen-{number}")
        except WireContractError:
            continue
    assert len(parts.beacons.screens) == MOST_SCREENS
    near("kiosk-2", "door")
    assert "kiosk-2/door" in parts.beacons.screens


def test_a_flood_of_passing_words_is_cut_and_costs_the_sender_only(parts: SimpleNamespace) -> None:
    at_s = int(NOON.timestamp())

    def used(device: str, number: int) -> None:
        payload = orjson.dumps({"version": 1, "digest": f"{number:032x}", "at_s": at_s})
        parts.sharing.heard(USED, device, payload)

    for number in range(400):
        used("mallory", number)
    with pytest.raises(WireContractError, match="messages a second"):
        used("mallory", 400)
    before = len(parts.used)
    used("kiosk-2", 5_000)
    assert len(parts.used) == before + 1


@pytest.mark.parametrize("name", ["", "a/b", "UP", "x" * 33, "kiosk\n2", "\x1b[2J"])
def test_who_has_no_devices_name_is_not_heard(parts: SimpleNamespace, name: str) -> None:
    with pytest.raises(EdgeError):
        parts.sharing.heard(STOCK, name, _stock(1))
    assert parts.stock.told == []


def test_what_a_neighbour_gets_wrong_is_one_short_line_in_the_log(
    parts: SimpleNamespace, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    link = LanLink(
        Topics("demo", "harbour", "kiosk-1"),
        LanSettings("127.0.0.1", 1),
        heard=parts.sharing.heard,
        clock=clock,
        chance=bytes,
    )
    topic = "instore/v1/demo/site/harbour/lan/counts/mallory"
    for number in range(50):
        evil = f"\x1b[2J\nCRITICAL everything is well {number} " + "x" * 5_000
        payload = orjson.dumps({"version": 1, "days": {TODAY.isoformat(): {evil: [1, 2]}}})
        link._received(Received(topic, payload))
    link.stop()

    assert link.status().refused == 50
    (line,) = caplog.messages
    assert len(line) < 300
    assert line.isprintable()
    assert (link.status().last_error or "").isprintable()
