"""A till asks what goes with an order: the same decision as everywhere, on placement ``pos-addon``."""

from pathlib import Path

from edge.app.wiring import Appliance
from tests.fakes.appliance import appliance, client


def addons(built: Appliance, *basket: str, taken: tuple[str, ...] = ()) -> dict[str, str]:
    """Return sku -> reason of what a till is told to ask for."""
    asked = {"placement": "pos-addon", "screen": "till-1", "basket": basket, "taken": taken}
    answer = client(built).post("/api/v1/decide", json=asked)
    assert answer.status_code == 200
    return {one["sku"]: one["reason"] for one in answer.get_json()["items"]}


def stock(built: Appliance, sku: str, available: str) -> None:
    changes = [{"sku": sku, "available": available}]
    assert client(built).post("/api/v1/stock", json={"changes": changes}).status_code == 200


def test_a_till_is_told_what_goes_with_the_basket_and_nothing_beside_an_empty_one(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path) as built:
        found = addons(built, "cappuccino")
        assert set(found.values()) <= {"goes_with_basket", "house_favourite"}
        assert found
        assert "cappuccino" not in found
        assert addons(built) == {}


def test_what_sold_out_is_not_asked_for_until_it_is_back(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        first = next(iter(addons(built, "cappuccino")))
        stock(built, first, "out")
        without = addons(built, "cappuccino")
        stock(built, first, "in")
        again = addons(built, "cappuccino")

    assert first not in without
    assert first in again


def test_a_till_that_names_what_it_shows_already_is_told_something_else(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        first = next(iter(addons(built, "cappuccino")))
        others = addons(built, "cappuccino", taken=(first,))

    assert others
    assert first not in others
