"""Devices of one shop know the same while they hear each other, and go on alone while not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from edge.app.wiring import Appliance
from edge.core.errors import WireContractError
from edge.decide.engagement import Engagement
from edge.decide.values import Asked
from edge.identity.presence import Refusal
from edge.web.ports import StockChange
from edge.web.recognition_ports import CustomerScanned, ScanRefused
from edge.wire.lan import STOCK
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.customer import recognising
from tests.fakes.lan_shop import LanShop, lan_shop

pytestmark = pytest.mark.broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    (tmp_path / "broker").mkdir()
    with running_broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def shop(tmp_path: Path, broker: Broker) -> Iterator[LanShop]:
    with lan_shop(tmp_path, broker) as shop:
        yield shop


def _say(device: Appliance, sku: str, available: int | None) -> None:
    device.facts.stock([StockChange(sku, available)]).result(5)


def test_what_is_sold_out_at_one_device_is_sold_out_at_the_other_and_central_hears_it_once(
    shop: LanShop,
) -> None:
    _say(shop.first, "latte", 0)
    wait_until(lambda: "latte" in shop.second.services.sold_out(), "the other device knows")
    _say(shop.second, "latte", 12)
    wait_until(lambda: "latte" not in shop.first.services.sold_out(), "and the other way round")
    assert dict(shop.second.store.reads.stock()[1])["latte"] == 12
    waiting = [device.store.reads.waiting("m", 100) for device in (shop.first, shop.second)]
    assert [len(events) for events in waiting] == [1, 1]


def test_a_device_that_was_away_learns_what_was_said_meanwhile_and_tells_its_own(
    tmp_path: Path, broker: Broker
) -> None:
    with lan_shop(tmp_path, broker) as shop:
        broker.kill()
        _say(shop.first, "latte", 0)
        _say(shop.second, "espresso", 0)
        assert shop.second.services.sold_out() == {"espresso"}
        broker.start()
        both = {"latte", "espresso"}
        wait_until(
            lambda: all(d.services.sold_out() == both for d in (shop.first, shop.second)),
            "both know both",
            within_s=40,
        )


def test_a_code_that_opened_something_at_one_device_opens_nothing_at_another(
    shop: LanShop,
) -> None:
    phone = shop.phone()
    code = phone.k1(shop.clock(), lambda size: b"\x07" * size)
    assert isinstance(shop.scan(shop.first, code), CustomerScanned)
    used = recognising(shop.second).used
    wait_until(lambda: len(used) == 1, "the other device knows of the code")
    refused = shop.scan(shop.second, code)
    assert isinstance(refused, ScanRefused)
    assert refused.refusal is Refusal.USED
    shop.clock.advance(timedelta(seconds=15))
    fresh = phone.k1(shop.clock(), lambda size: b"\x08" * size)
    assert isinstance(shop.scan(shop.second, fresh), CustomerScanned)


def test_a_beacon_that_is_strong_at_two_distant_devices_at_once_is_refused_at_both(
    shop: LanShop,
) -> None:
    phone = shop.phone()
    first, second = (recognising(d).beacons for d in (shop.first, shop.second))
    shop.near(shop.first, phone, -50)
    assert first.is_invited("kiosk-1")
    shop.near(shop.second, phone, -50)
    wait_until(lambda: first.refusals and second.refusals, "both refuse")
    assert not first.is_invited("kiosk-1")
    assert not second.is_invited("kiosk-1")


def test_what_is_shown_at_one_device_counts_for_the_whole_shop(shop: LanShop) -> None:
    slate = shop.first.services.serve(Asked("kiosk-strip", "kiosk-1"))
    offer = slate.shown[0].offer_id
    shop.first.services.engage([_exposure(slate.decision_id, shop)]).result(5)
    shop.first.shop.counts.tick()
    now = shop.clock()
    wait_until(lambda: shop.second.shop.counts.of_shop(offer, now) == (1, 0), "it counts there")
    shop.second.services.engage([_exposure(slate.decision_id, shop)]).result(5)
    assert shop.first.shop.counts.of_shop(offer, now) == (1, 0)


def test_what_breaks_the_contract_is_refused_and_counted(shop: LanShop) -> None:
    with pytest.raises(WireContractError):
        shop.first.shop.sharing.heard(STOCK, "kiosk-2", b'{"entries": [["latte", 0, "x", -1]]}')
    shop.broker.retain("instore/v1/demo/site/harbour-kitchen/lan/stock/kiosk-9", b"no JSON")
    link = shop.first.shop.link
    assert link is not None
    wait_until(lambda: link.status().refused >= 1, "it is refused")


def _exposure(decision_id: str, shop: LanShop) -> Engagement:
    return Engagement(str(uuid4()), "exposure", decision_id, None, "kiosk-1", None, shop.clock())
