"""Orders that are sent twice, sent wrong, or looked at after the menu has changed."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.app.wiring import Appliance
from edge.web.ports import StockChange
from tests.fakes.appliance import appliance, client, site

FILTER = {"sku": "house-filter", "options": {"size": ["large"], "milk": ["oat"]}}


@dataclass(frozen=True)
class Answer:
    """What a till gets."""

    status_code: int
    json: dict[str, Any]


def send(
    built: Appliance, order_id: str, *lines: dict[str, Any], service: str = "eat_in"
) -> Answer:
    """Send an order as a till does; return the answer."""
    body = {"order_id": order_id, "lines": list(lines), "service": service}
    answer = client(built).post("/api/v1/orders", json=body)
    return Answer(answer.status_code, answer.json or {})


def new_id() -> str:
    """Return an id no order has."""
    return str(uuid.uuid4())


def test_a_repeat_is_answered_with_its_order_though_the_product_sold_out_meanwhile(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path) as built:
        order_id = new_id()
        first = send(built, order_id, FILTER)
        built.services.set_stock([StockChange("house-filter", 0)]).result(5)

        again = send(built, order_id, FILTER)
        assert again == first
        assert send(built, new_id(), FILTER).status_code == 422


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ({"sku": "croissant"}, "eat_in"),
        (FILTER | {"qty": 2}, "eat_in"),
        (FILTER, "take_away"),
        (FILTER | {"options": {"size": ["large"], "milk": ["soya"]}}, "eat_in"),
    ],
    ids=["product", "quantity", "service", "choice"],
)
def test_an_id_that_is_taken_does_not_swallow_another_order(
    tmp_path: Path, line: dict[str, Any], service: str
) -> None:
    with appliance(tmp_path) as built:
        order_id = new_id()
        assert send(built, order_id, FILTER).status_code == 200

        answer = send(built, order_id, line, service=service)
        assert answer.status_code == 422
        assert "order_id" in answer.json["detail"]
        # Left-open choices are what they were filled in with: still the same order.
        assert send(built, order_id, {"sku": "house-filter"}).status_code == 200


def test_eight_senders_of_one_order_make_one(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        order_id = new_id()
        with ThreadPoolExecutor(8) as senders:
            sent = [senders.submit(send, built, order_id, FILTER) for _ in range(8)]
            numbers = {one.result().json["display_no"] for one in sent}

        assert len(numbers) == 1
        assert len(client(built).get("/api/v1/orders").json["orders"]) == 1  # type: ignore[index]


def test_a_choice_that_left_the_menu_does_not_take_the_days_orders_along(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        taken = send(built, new_id(), FILTER).json["order"]
    shop = site()
    products = tuple(
        product.model_copy(update={"options": product.options[:1], "price_minor": None})
        if product.sku == "house-filter"
        else product
        for product in shop.products
    )

    with appliance(tmp_path, shop=shop.model_copy(update={"products": products})) as built:
        answer = client(built).get("/api/v1/orders")
        assert answer.json
        assert answer.json["orders"] == [taken]
