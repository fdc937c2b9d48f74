"""When the model is missing or breaks, screens go on with less, and say so."""

import shutil
import uuid
from pathlib import Path

import orjson
import pytest

from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.web.ports import PartHealth
from tests.fakes.appliance import LUNCH_AT, ROOT, appliance, client

FACTORY = ROOT / "models/factory"


def ranker(built: Appliance) -> PartHealth:
    return next(part for part in built.services.health().parts if part.part == "ranker")


def strip(built: Appliance) -> tuple[str, list[str]]:
    answer = client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
    found = orjson.loads(answer.data)
    return found["ranker"], [item["reason"] for item in found["items"]]


def damaged(folder: Path, damage: str) -> Path:
    shutil.copytree(FACTORY, folder)
    serving = folder / "serving.onnx"
    match damage:
        case "truncated":
            serving.write_bytes(serving.read_bytes()[:-200])
        case "garbled":
            whole = bytearray(serving.read_bytes())
            whole[len(whole) // 2] ^= 0xFF
            serving.write_bytes(bytes(whole))
        case "missing":
            serving.unlink()
        case _:
            (folder / "model.json").write_bytes(b"")
    return folder


@pytest.mark.parametrize("damage", ["truncated", "garbled", "missing", "empty"])
def test_a_damaged_model_is_refused_with_a_reason_and_screens_keep_serving(
    tmp_path: Path, damage: str
) -> None:
    folder = damaged(tmp_path / "model", damage)
    with appliance(tmp_path / "data", model_folder=str(folder)) as built:
        assert ranker(built).state == "degraded"
        assert str(tmp_path) not in ranker(built).detail
        name, reasons = strip(built)

    assert name == "popularity"
    assert len(reasons) == 3


def test_a_model_of_another_shop_is_refused(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        site = built.services.site()
    renamed = site.model_copy(
        update={
            "products": tuple(
                product.model_copy(update={"sku": f"x-{product.sku[:30]}"})
                for product in site.products
            ),
            "offers": (),
        }
    )
    with appliance(tmp_path, shop=renamed) as built:
        assert ranker(built).state == "degraded"
        assert "knows 0% of its 54 products" in ranker(built).detail


def test_with_nothing_to_rank_by_the_placements_own_offers_are_shown(tmp_path: Path) -> None:
    with appliance(tmp_path, model_folder=str(tmp_path / "nothing")) as built:
        name, reasons = strip(built)

    # The staff's pick needs no statistics; the rest is the placement's own.
    assert (name, reasons) == ("popularity", ["staff_pick", "house_favourite", "house_favourite"])


def order_scones(built: Appliance, count: int) -> None:
    for _ in range(count):
        order = {
            "order_id": str(uuid.uuid4()),
            "lines": [{"sku": "scone-cream", "options": {}, "qty": 1}],
            "service": "eat_in",
        }
        answer = client(built).post("/api/v1/orders", json=order)
        assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize(
    ("orders", "first"), [(20, "popular_here"), (19, "staff_pick")], ids=["20", "19"]
)
def test_without_a_model_twenty_orders_say_what_is_popular_and_fewer_say_nothing(
    tmp_path: Path, orders: int, first: str
) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock) as built:
        order_scones(built, orders)
    clock.at = LUNCH_AT.replace(hour=13)
    with appliance(tmp_path, clock=clock, model_folder=str(tmp_path / "nothing")) as built:
        name, reasons = strip(built)

    assert (name, reasons[0]) == ("popularity", first)


def test_the_factory_model_is_not_degraded(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        assert ranker(built).state == "ok"
        assert strip(built)[0] == "onnx"
