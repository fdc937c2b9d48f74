import tomllib

import pytest

from edge.central.demo.shops import changed
from edge.core.shipped import shipped


def test_a_profile_keeps_its_words_and_order_and_gets_other_values() -> None:
    text = shipped("firmware_config/profiles/kiosk.toml").read_text("utf-8")
    made = changed(text, {"device_id": "quay-kiosk", "demo": True, "lan.port": 4711})
    read = tomllib.loads(made)
    assert read["device_id"] == "quay-kiosk"
    assert read["demo"] is True
    assert read["lan"]["port"] == 4711
    before = tomllib.loads(text)
    assert read["mqtt"] == before["mqtt"]
    assert len(made.splitlines()) == len(text.splitlines())


def test_a_setting_that_the_profile_does_not_have_is_a_mistake_of_the_demo() -> None:
    with pytest.raises(AssertionError, match="nothing_like_it"):
        changed('device_id = "x"\n', {"nothing_like_it": 1})
