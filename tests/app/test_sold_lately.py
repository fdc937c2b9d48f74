"""What strategies count by: orders, so coarse that no single one shows."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from edge.app.wiring import Appliance
from edge.catalog.site import Site
from edge.catalog.strategy import SlotStrategy
from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT, appliance, client, site


def with_popular() -> Site:
    sold = site()
    places = tuple(
        one.model_copy(update={"strategies": (SlotStrategy(slot=0, by="popular"),)})
        if one.id == "kiosk-strip"
        else one
        for one in sold.placements
    )
    return sold.model_copy(update={"placements": places})


def order(built: Appliance, sku: str, times: int) -> None:
    for n in range(times):
        line = {"sku": sku, "qty": 1}
        written = {"order_id": str(UUID(int=n + 1)), "lines": [line], "service": "take_away"}
        assert client(built).post("/api/v1/orders", json=written).status_code == 200


def counted(built: Appliance, clock: SettableClock) -> None:
    clock.advance(timedelta(minutes=1))
    (job,) = [one for one in built.supervisor.jobs if one.name == "sold"]
    job.run()


def firsts(built: Appliance) -> dict[str, str]:
    answer = client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"})
    return {one["sku"]: one["reason"] for one in answer.get_json()["items"][:1]}


def test_a_best_seller_takes_its_slot_once_enough_orders_were_counted(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, shop=with_popular(), clock=clock) as built:
        order(built, "croissant", 19)
        counted(built, clock)
        before = firsts(built)
        order(built, "croissant", 24)  # nineteen of them were taken before: the same ids
        counted(built, clock)
        after = firsts(built)

    assert "popular_here" not in before.values()
    assert after == {"croissant": "popular_here"}
