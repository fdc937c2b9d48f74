"""What holds for everybody now, and for how long."""

from dataclasses import replace
from datetime import timedelta

from edge.context.moment import Weather
from edge.decide.shelf import shelf_key
from tests.fakes import shop


def test_a_shelf_holds_until_something_it_depends_on_changes() -> None:
    moment = shop.context()
    key = shelf_key(moment, frozenset())

    assert key == shelf_key(replace(moment, kitchen_load=0.5), frozenset())
    assert key != shelf_key(moment, frozenset({"tea"}))
    assert key != shelf_key(replace(moment, weather=Weather(20, is_wet=False)), frozenset())
    assert key != shelf_key(replace(moment, trend={"tea": 5}), frozenset())
    assert key != shelf_key(replace(moment, is_open=False), frozenset())
    assert key != shelf_key(replace(moment, daypart_id="breakfast"), frozenset())
    for later in (timedelta(hours=1), timedelta(days=1)):
        assert key != shelf_key(replace(moment, local_at=moment.local_at + later), frozenset())
