"""Somebody walks up, orders, and leaves: what is recorded, and what is not."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from flask.testing import FlaskClient

from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.web.parts import parts_of
from tests.fakes.appliance import LUNCH_AT, appliance, client

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def decide(browser: FlaskClient, **asked: object) -> dict[str, object]:
    answer = browser.post("/api/v1/decide", json={"placement": "kiosk-strip", **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = orjson.loads(answer.data)
    return found


def outbox(built: Appliance) -> list[dict[str, object]]:
    waiting = [row for lane in "ctem" for row in built.store.reads.waiting(lane, 500)]
    return [orjson.loads(row.body) for row in waiting]


def test_a_decision_and_its_event_are_both_on_disk_when_the_slate_is_there(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        decision_id = decide(client(built))["decision_id"]

        assert built.store.reads.decision(str(decision_id)) is not None
        assert decision_id in [event["id"] for event in outbox(built)]


def test_every_shown_product_has_a_reason_and_parts_that_sum_to_its_score(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        items = decide(client(built), basket=["latte"])["items"]

        assert isinstance(items, list)
        assert len(items) == 3
        for item in items:
            assert item["reason"]
            assert sum(item["parts"].values()) == pytest.approx(item["score"], abs=1e-4)


def test_the_strip_has_one_labelled_slot_of_something_different(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        items = decide(client(built))["items"]

        assert isinstance(items, list)
        assert [item["reason"] == "something_different" for item in items] == [False, False, True]
        assert 0 < items[2]["propensity"] <= 1


def test_a_recorded_decision_is_explained_and_replays_identically(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        browser = client(built)
        decision_id = decide(browser, basket=["croissant"])["decision_id"]
        explained = orjson.loads(browser.get(f"/api/v1/explain/{decision_id}").data)

        assert explained["replay"] == "identical"
        assert explained["candidates"]
        assert "in_basket" in explained["suppressed"]
        assert explained["draws"]


def test_what_a_shopper_cannot_eat_is_in_no_row_that_is_kept_or_sent(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        browser = client(built)
        site = built.services.site()
        found = decide(browser, avoid=["milk", "gluten"])
        recorded = built.store.reads.decision(str(found["decision_id"]))
        assert recorded is not None
        (event,) = [e for e in outbox(built) if e["id"] == found["decision_id"]]
        written = recorded.body + orjson.dumps(event)
        explained = orjson.loads(browser.get(f"/api/v1/explain/{found['decision_id']}").data)

    shown = {item["sku"] for item in _items(found)}
    bakery = {product.sku for product in site.products if product.section == "bakery"}
    assert not bakery & shown
    assert not [sku for sku in bakery if f'"{sku}"'.encode() in written]
    assert {row["sku"] for row in explained["candidates"]} <= shown
    assert explained["replay"] == "identical"
    assert b"milk" not in written


def test_nothing_a_shopper_says_is_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visit = "0f8fad5b-d9cb-469f-a165-70867728950e"
    with appliance(tmp_path, model_folder=str(tmp_path / "none")) as built:
        decide(client(built), avoid=["lupin"], basket=["biscotti-ginger"], visit=visit)
        client(built).post("/api/v1/decide", json={"placement": "kiosk-strip", "avoid": ["x"]})

    assert caplog.text  # the missing model is logged, so there is something to look at
    for said in ("lupin", "biscotti-ginger", visit):
        assert said not in caplog.text


def test_a_sold_out_product_leaves_every_screen_at_once(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        browser = client(built)
        hero = parts_of(built.app).boards
        hero.refresh()
        first = decide(browser)["items"]
        assert isinstance(first, list)
        gone = first[0]["sku"]
        answer = browser.post("/api/v1/stock", json={"changes": [{"sku": gone, "available": 0}]})

        assert answer.status_code in (200, 202), answer.text
        again = decide(browser)["items"]
        assert isinstance(again, list)
        assert gone not in [item["sku"] for item in again]


def test_the_hot_weather_switch_brings_what_is_served_over_ice(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        browser = client(built)
        hot = {"weather": {"temp_c": 29, "is_wet": False}}
        assert browser.post("/api/v1/context", json=hot).status_code in (200, 202)
        decide(browser)
        items = [item for _ in range(3) for item in _items(decide(browser))]

        assert "over-ice" in {item["offer"] for item in items}
        assert "weather" in {item["reason"] for item in items}


def _items(found: dict[str, object]) -> list[dict[str, object]]:
    items = found["items"]
    assert isinstance(items, list)
    return items


def test_an_untouched_kiosk_forgets_its_visit_on_the_server_too(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        browser = client(built)
        page = browser.get("/kiosk/start").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        form = {"csrf_token": token[1], "service": "eat_in", "language": "en"}
        began = browser.post("/kiosk/start", data=form, headers=SAME_ORIGIN)
        assert began.status_code in (302, 303), began.text
        assert browser.get("/kiosk/menu").status_code == 200

        clock.advance(timedelta(seconds=45 + 20 + 10))
        later = browser.get("/kiosk/menu")

    assert later.status_code in (302, 303)
    assert later.location.endswith("/kiosk/")
