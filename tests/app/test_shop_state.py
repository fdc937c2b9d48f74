"""The present facts of a shop, and how they age."""

from datetime import datetime, timedelta

from edge.app.shop_state import ShopState
from edge.context.moment import Weather
from tests.fakes import shop

HOT = Weather(temp_c=30, is_wet=False)
COLD = Weather(temp_c=3, is_wet=True)


def state(orders: list[frozenset[str]] | None = None) -> ShopState:
    return ShopState(shop.site(), lambda _start, _end: orders or [])


def test_weather_is_unknown_again_after_three_hours() -> None:
    facts = state()
    facts.weather_is(HOT, shop.NOON)

    assert facts.context(shop.NOON + timedelta(hours=3)).weather == HOT
    assert facts.context(shop.NOON + timedelta(hours=3, seconds=1)).weather is None


def test_a_forecast_does_not_replace_what_was_said_since_its_hour_began() -> None:
    facts = state()
    facts.weather_is(HOT, shop.NOON)
    facts.weather_since(COLD, shop.NOON - timedelta(minutes=5))
    assert facts.context(shop.NOON).weather == HOT

    facts.weather_since(COLD, shop.NOON + timedelta(minutes=55))
    assert facts.context(shop.NOON + timedelta(hours=1)).weather == COLD


def test_an_unknown_stock_is_available_and_zero_is_sold_out() -> None:
    facts = state()
    facts.stock_is({"tea": 0, "bun": 3})
    assert facts.sold_out == {"tea"}

    facts.stock_is({"tea": None})
    assert facts.sold_out == frozenset()
    assert facts.levels() == {"bun": 3}


def test_the_trend_is_counted_once_per_ten_minutes() -> None:
    asked: list[tuple[datetime, datetime]] = []

    def orders(start: datetime, end: datetime) -> list[frozenset[str]]:
        asked.append((start, end))
        return [frozenset({"tea"})] * 23

    facts = ShopState(shop.site(), orders)
    for minute in (0, 3, 9):
        facts.refresh_trend(shop.NOON.replace(minute=minute))

    assert asked == [(shop.NOON.replace(hour=11, minute=30), shop.NOON.replace(minute=0))]
    assert facts.context(shop.NOON).trend == {"tea": 20}


def test_a_moment_that_a_replay_names_holds_nothing_that_is_true_only_now() -> None:
    facts = state([frozenset({"tea"})] * 30)
    facts.refresh_trend(shop.NOON)
    facts.weather_is(HOT, shop.NOON)
    facts.kitchen_is(0.9, shop.NOON)

    context = facts.context(shop.NOON, live=False)

    assert (context.weather, context.kitchen_load, dict(context.trend)) == (None, None, {})


def test_the_daypart_and_the_opening_hours_are_the_shops_own() -> None:
    facts = state()
    summer_evening = datetime.fromisoformat("2026-07-06T17:30:00+00:00")  # 18:30 in London

    assert facts.context(shop.NOON).daypart_id == "lunch"
    assert facts.context(shop.NOON).is_open
    assert not facts.context(summer_evening).is_open
