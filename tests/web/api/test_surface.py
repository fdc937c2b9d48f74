"""The JSON API: a till or another screen gets the same decisions, and what it sends is kept."""

import uuid
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pytest
from flask.testing import FlaskClient

from edge.catalog.allergens import Allergen
from edge.context.moment import Weather
from edge.web import commit
from edge.web.api import answers as api_answers
from edge.web.app import create_app
from tests.fakes.services import LUNCH_AT, FakeShop

DECISION = "01981f3e-6c00-7aaa-8bbb-0123456789ab"
EVENT = "01981f3e-7d00-7aaa-8bbb-0123456789ab"
ORDER = "01981f3e-8e00-7aaa-8bbb-0123456789ab"


def event(**changes: object) -> dict[str, object]:
    return {"event_id": EVENT, "kind": "tap", "decision_id": DECISION, "slot": 0, **changes}


def order(**changes: object) -> dict[str, object]:
    line = {"sku": "croissant", "options": {"serve": ["warmed"]}, "qty": 2}
    return {"order_id": ORDER, "lines": [line], "service": "take_away", **changes}


def test_a_till_gets_the_products_of_a_placement_with_price_reason_and_propensity(
    client: FlaskClient, shop: FakeShop
) -> None:
    answer = client.post(
        "/api/v1/decide",
        json={"placement": "kiosk-strip", "screen": "till-1", "basket": ["croissant"]},
    )

    assert answer.status_code == 200
    body = answer.get_json()
    assert body["decision_id"] == next(reversed(shop.slates))
    assert [item["slot"] for item in body["items"]] == [0, 1, 2]
    first = body["items"][0]
    product = shop.site.product(first["sku"])
    assert product is not None
    assert (first["name"], first["price_minor"]) == (product.name["en"], product.price_minor)
    assert sum(first["parts"].values()) == pytest.approx(first["score"])
    assert (first["reason"], first["propensity"]) == ("popular_now", 1.0)
    assert body["items"][2]["explored"] is True


def test_what_is_asked_reaches_the_decision_unchanged(client: FlaskClient, shop: FakeShop) -> None:
    client.post(
        "/api/v1/decide",
        json={
            "placement": "tablet-guide",
            "screen": "tablet-1",
            "visit": "v-1",
            "basket": ["croissant"],
            "avoid": ["milk"],
            "fewer": ["croissant"],
            "answers": [["hot", "cold"]],
        },
    )

    (asked,) = shop.asked
    assert (asked.placement_id, asked.screen_id, asked.visit_id) == (
        "tablet-guide",
        "tablet-1",
        "v-1",
    )
    assert asked.basket == ("croissant",)
    assert asked.avoid == frozenset({Allergen.MILK})
    assert asked.fewer == frozenset({"croissant"})
    assert asked.answers == (frozenset({"hot", "cold"}),)
    assert asked.at is None


def test_a_moment_is_refused_when_the_service_goes_by_its_own_clock(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/decide", json={"placement": "evaluation", "at": "2026-03-01T12:00:00Z"}
    )

    assert answer.status_code == 422
    assert "--clock=request" in answer.get_json()["detail"]


def test_a_moment_is_taken_when_the_service_runs_with_the_clock_of_the_request() -> None:
    shop = FakeShop(accepts_at=True)
    client = _client(shop)

    answer = client.post(
        "/api/v1/decide", json={"placement": "evaluation", "at": "2026-03-01T13:00:00+01:00"}
    )

    assert answer.status_code == 200
    assert str(shop.asked[0].at) == "2026-03-01 12:00:00+00:00"


def test_a_placement_that_is_not_there_is_refused_with_those_that_are(client: FlaskClient) -> None:
    answer = client.post("/api/v1/decide", json={"placement": "kiosk-strop"})

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    (mistake,) = answer.get_json()["mistakes"]
    assert mistake["came"] == "kiosk-strop"
    assert "kiosk-strip" in mistake["wanted"]


def test_every_unknown_product_of_a_basket_is_named(client: FlaskClient, shop: FakeShop) -> None:
    answer = client.post(
        "/api/v1/decide", json={"placement": "kiosk-strip", "basket": ["croissant", "lattte", "te"]}
    )

    assert answer.status_code == 422
    found = [(m["field"], m["came"]) for m in answer.get_json()["mistakes"]]
    assert found == [("basket[1]", "lattte"), ("basket[2]", "te")]
    assert shop.asked == []


def test_an_unknown_category_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/decide", json={"placement": "kiosk-strip", "fewer": ["wine"]})

    assert answer.status_code == 422
    assert "croissant" in answer.get_json()["detail"]


def test_events_are_acknowledged_by_id_once_they_are_kept(
    client: FlaskClient, shop: FakeShop
) -> None:
    answer = client.post("/api/v1/events", json={"events": [event(screen="till-1")]})

    assert (answer.status_code, answer.get_json()) == (200, {"event_ids": [EVENT]})
    (kept,) = shop.engagements
    assert (kept.kind, kept.slot, kept.screen_id, kept.at) == ("tap", 0, "till-1", LUNCH_AT)


def test_a_repeated_event_is_acknowledged_again_and_kept_once(
    client: FlaskClient, shop: FakeShop
) -> None:
    answers = [client.post("/api/v1/events", json={"events": [event()]}) for _ in range(2)]

    assert [answer.get_json() for answer in answers] == [{"event_ids": [EVENT]}] * 2
    assert len(shop.engagements) == 1


def test_a_tap_without_a_slot_is_refused_but_an_exposure_may_be_of_the_whole_slate(
    client: FlaskClient,
) -> None:
    tap = client.post("/api/v1/events", json={"events": [event(slot=None)]})
    exposure = client.post("/api/v1/events", json={"events": [event(slot=None, kind="exposure")]})

    assert (tap.status_code, exposure.status_code) == (422, 200)
    assert "events[0].slot" in tap.get_json()["detail"]


def test_a_batch_of_201_events_is_refused_and_200_are_kept(
    client: FlaskClient, shop: FakeShop
) -> None:
    batch = [event(event_id=str(uuid.UUID(int=i))) for i in range(201)]

    assert client.post("/api/v1/events", json={"events": batch}).status_code == 422
    assert shop.engagements == []
    assert client.post("/api/v1/events", json={"events": batch[:200]}).status_code == 200
    assert len(shop.engagements) == 200


def test_stock_is_a_number_or_in_or_out(client: FlaskClient, shop: FakeShop) -> None:
    def tell(available: object) -> object:
        change = {"sku": "croissant", "available": available}
        return client.post("/api/v1/stock", json={"changes": [change]}).get_json()["sold_out"]

    assert tell(0) == ["croissant"]
    assert tell(3) == []
    assert tell("out") == ["croissant"]
    assert tell("in") == []


def test_stock_of_an_unknown_product_changes_nothing(client: FlaskClient, shop: FakeShop) -> None:
    changes = [{"sku": "croissant", "available": 0}, {"sku": "crwth", "available": 0}]
    answer = client.post("/api/v1/stock", json={"changes": changes})

    assert answer.status_code == 422
    assert "changes[1].sku" in answer.get_json()["detail"]
    assert shop.sold_out == set()


def test_weather_and_kitchen_load_are_kept_one_by_one(client: FlaskClient, shop: FakeShop) -> None:
    client.post("/api/v1/context", json={"weather": {"temp_c": 24.5, "is_wet": False}})
    client.post("/api/v1/context", json={"kitchen_load": 0.4})

    assert (shop.weather, shop.kitchen_load) == (Weather(24.5, False), 0.4)


def test_a_context_of_nothing_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/v1/context", json={}).status_code == 422


def test_an_order_gets_its_number_and_the_catalogs_prices(client: FlaskClient) -> None:
    answer = client.post("/api/v1/orders", json=order())

    body = answer.get_json()
    assert (answer.status_code, body["display_no"]) == (200, 1)
    assert body["order"]["total_minor"] == 2 * 350
    assert body["order"]["lines"][0]["name"] == "Butter Croissant"
    assert body["event_ids"]


def test_an_order_sent_twice_is_one_order(client: FlaskClient, shop: FakeShop) -> None:
    first, second = (client.post("/api/v1/orders", json=order()).get_json() for _ in range(2))

    assert first == second
    assert len(shop.orders) == 1


def test_an_order_for_something_sold_out_is_refused_in_words(
    client: FlaskClient, shop: FakeShop
) -> None:
    shop.sold_out.add("croissant")

    answer = client.post("/api/v1/orders", json=order())

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert "sold out" in answer.get_json()["detail"]


def test_a_price_cannot_be_sent(client: FlaskClient) -> None:
    line = {"sku": "croissant", "qty": 1, "unit_minor": 1}

    answer = client.post("/api/v1/orders", json=order(lines=[line]))

    assert answer.status_code == 422
    assert "unit_minor" in answer.get_json()["detail"]


@pytest.mark.parametrize("since", ["2026-03-03T12:06:00Z", "2026-03-03T13:06:00+01:00"])
def test_orders_are_listed_since_a_moment(client: FlaskClient, shop: FakeShop, since: str) -> None:
    client.post("/api/v1/orders", json=order())
    shop.clock.advance(timedelta(minutes=1))
    late = str(uuid.UUID(int=2))
    client.post("/api/v1/orders", json=order(order_id=late))

    every = client.get("/api/v1/orders").get_json()["orders"]
    some = client.get(f"/api/v1/orders?since={since}").get_json()["orders"]

    assert [each["order_id"] for each in every] == [ORDER, late]
    assert [each["order_id"] for each in some] == [late]


@pytest.mark.parametrize("since", ["", "yesterday", "2026-03-03T12:00:00", "0001-01-01T00:00:00Z"])
def test_a_since_that_is_no_moment_is_refused(client: FlaskClient, since: str) -> None:
    answer = client.get("/api/v1/orders", query_string={"since": since})

    assert answer.status_code == 422
    assert "with its offset" in answer.get_json()["detail"]


def test_health_names_the_shop_the_parts_and_the_figures(
    client: FlaskClient, shop: FakeShop
) -> None:
    body = client.get("/api/v1/health").get_json()

    assert (body["is_serving"], body["site"]) == (True, shop.site.header.site)
    assert {part["part"]: part["state"] for part in body["parts"]}["delivery"] == "off"
    assert body["figures"] == {"outbox_depth": 3.0}


def test_a_decision_is_explained_by_its_id(client: FlaskClient) -> None:
    decided = client.post("/api/v1/decide", json={"placement": "kiosk-strip"}).get_json()

    answer = client.get(f"/api/v1/explain/{decided['decision_id']}")

    assert answer.status_code == 200
    assert answer.get_json()["decision_id"] == decided["decision_id"]


def test_a_decision_that_was_never_made_is_not_explained(client: FlaskClient) -> None:
    answer = client.get("/api/v1/explain/nobody")

    assert (answer.status_code, answer.get_json()["mistakes"][0]["came"]) == (404, "nobody")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("events", {"events": [event()]}, id="events"),
        pytest.param("orders", order(), id="orders"),
    ],
)
def test_with_a_full_disk_nothing_is_acknowledged_and_a_time_to_retry_is_given(
    client: FlaskClient, shop: FakeShop, path: str, body: object
) -> None:
    shop.is_disk_full = True

    answer = client.post(f"/api/v1/{path}", json=body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "full" in answer.get_json()["detail"]


def test_with_a_full_disk_decisions_go_on(client: FlaskClient, shop: FakeShop) -> None:
    shop.is_disk_full = True

    assert client.post("/api/v1/decide", json={"placement": "kiosk-strip"}).status_code == 200


def test_a_disk_that_does_not_answer_acknowledges_nothing(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "COMMIT_TIMEOUT_S", 0.01)
    services = replace(shop.services(), engage=lambda _engagements: Future())
    client = create_app(services).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8080"

    answer = client.post("/api/v1/events", json={"events": [event()]})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_an_explanation_may_hold_sets_and_numbers_of_any_kind(shop: FakeShop) -> None:
    found = {"rules": frozenset({"b", "a"}), "parts": MappingProxyType({"x": np.float64(0.5)})}
    services = replace(shop.services(), explain=lambda _decision_id: found)
    client = create_app(services).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8080"

    answer = client.get("/api/v1/explain/any")

    assert answer.get_json() == {"rules": ["a", "b"], "parts": {"x": 0.5}}


def test_what_json_cannot_hold_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        api_answers.respond({"x": object()})


@pytest.mark.parametrize("path", ["health", "openapi.json"])
def test_outside_the_demo_only_the_appliance_itself_may_call(path: str) -> None:
    client = _client(FakeShop(is_demo=False))

    here = client.get(f"/api/v1/{path}", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    elsewhere = client.get(f"/api/v1/{path}", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert (here.status_code, elsewhere.status_code) == (200, 403)


def _client(shop: FakeShop) -> FlaskClient:
    client = create_app(shop.services()).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8080"
    return client
