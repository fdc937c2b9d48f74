"""Facts from a till, a tablet or central: kept, then in force, then told."""

from datetime import timedelta
from pathlib import Path

import pytest

from edge.context.moment import Weather
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError
from edge.web.ports import ContextFacts, StockChange
from edge.wire.context_message import parse_context
from tests.fakes.appliance import LUNCH_AT, appliance

HOT = Weather(temp_c=28, is_wet=False)


def test_what_was_noted_is_in_force_again_after_a_restart(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        built.services.set_stock([StockChange("latte", 0), StockChange("mug", 3)]).result(5)
        built.services.set_context(ContextFacts(weather=HOT, kitchen_load=0.5)).result(5)
    clock.advance(timedelta(hours=1))
    with appliance(tmp_path, clock=clock) as built:
        context = built.services.context("kiosk")

        assert built.services.sold_out() == {"latte"}
        assert (context.weather, context.kitchen_load) == (HOT, 0.5)


def test_an_unknown_product_is_refused_and_nothing_of_the_change_is_kept(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        changes = [StockChange("latte", 0), StockChange("caviar", 0)]
        with pytest.raises(RequestContractError, match="harbour-kitchen, got sku 'caviar'"):
            built.services.set_stock(changes)

        assert built.services.sold_out() == frozenset()


def message(weather: str) -> bytes:
    return f'{{"version": 1, "sent_at": "2026-03-03T11:00:00Z", {weather}}}'.encode()


def test_centrals_forecast_is_followed_hour_by_hour(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    hours = (
        '"weather": [{"from_at": "2026-03-03T12:00:00Z", "temp_c": 8, "is_wet": true},'
        '{"from_at": "2026-03-03T13:00:00Z", "temp_c": 12, "is_wet": false}]'
    )
    with appliance(tmp_path, clock=clock) as built:
        built.facts.heard(parse_context(message(hours))).result(5)
        assert built.services.context("kiosk").weather == Weather(8, is_wet=True)

        clock.advance(timedelta(hours=1))
        built.facts.follow_forecast()
        assert built.services.context("kiosk").weather == Weather(12, is_wet=False)


def test_what_an_associate_sees_outside_beats_an_older_forecast(tmp_path: Path) -> None:
    hours = '"weather": [{"from_at": "2026-03-03T12:00:00Z", "temp_c": 8, "is_wet": true}]'
    with appliance(tmp_path) as built:
        built.services.set_context(ContextFacts(weather=HOT)).result(5)
        built.facts.heard(parse_context(message(hours))).result(5)

        assert built.services.context("kiosk").weather == HOT


def test_stock_from_central_for_products_of_another_shop_is_counted_not_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = '"stock": [{"sku": "latte", "available": 0}, {"sku": "caviar", "available": 1}]'
    with appliance(tmp_path) as built:
        built.facts.heard(parse_context(message(lines))).result(5)
        built.store.writer.submit(lambda con: None).result(5)

        assert built.services.sold_out() == {"latte"}
    assert "1 stock lines name no product" in caplog.text
