"""Which categories belong together here, from the shop's own orders."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from edge.app.serve_placement import ServePlacement
from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.decide.values import Asked
from edge.policy.scene import Linkage
from tests.fakes.appliance import LUNCH_AT, appliance, client, site

CROISSANT, COFFEE, CAKE = "croissant", "cappuccino", "scone-cranberry"


def order(built: Appliance, skus: Sequence[str], number: int) -> None:
    lines = [{"sku": sku, "qty": 1} for sku in skus]
    written = {"order_id": str(UUID(int=number)), "lines": lines, "service": "take_away"}
    assert client(built).post("/api/v1/orders", json=written).status_code == 200


def counted(built: Appliance, clock: SettableClock) -> Linkage:
    clock.advance(timedelta(minutes=1))
    (job,) = [one for one in built.supervisor.jobs if one.name == "linkage"]
    job.run()
    serve = built.services.serve
    assert isinstance(serve, ServePlacement)
    state = serve.state_of(Asked("kiosk-strip", "kiosk-1"), clock())
    assert state.linkage is not None
    return state.linkage


def category(sku: str) -> str:
    product = site().product(sku)
    assert product is not None
    return product.category


def test_what_is_ordered_together_is_linked_once_enough_orders_say_so(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    pair = (category(COFFEE), category(CROISSANT))
    with appliance(tmp_path, clock=clock) as built:
        for number in range(1, 20):
            order(built, (COFFEE, CROISSANT), number)
        before = counted(built, clock)(*pair)
        for number in range(20, 41):
            order(built, (COFFEE, CROISSANT) if number < 23 else (CAKE,), number)
        linkage = counted(built, clock)

    assert before is None
    strength = linkage(*pair)
    assert strength is not None
    assert strength > 0.9
    assert linkage(category(COFFEE), "no-such-category") is None
