"""A sold-out hero leaves its board at once, and nothing waits for itself on the way."""

import time
from pathlib import Path

from edge.web.parts import parts_of
from tests.fakes.appliance import appliance, client


def hero_of(html: str, skus: list[str]) -> str:
    return next(sku for sku in skus if f"hero/{sku}" in html)


def test_marking_the_hero_sold_out_replaces_it_and_leaves_no_decision_unrecorded(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path) as built:
        built.start()
        browser = client(built)
        skus = [product.sku for product in built.services.site().products]
        parts_of(built.app).boards.refresh()
        first = hero_of(browser.get("/board/board-1/state").text, skus)

        changes = {"changes": [{"sku": first, "available": 0}]}
        assert browser.post("/api/v1/stock", json=changes).status_code in (200, 202)
        now, deadline = first, time.monotonic() + 5
        while time.monotonic() < deadline:
            now = hero_of(browser.get("/board/board-1/state").text, skus)
            if now != first:
                break
            time.sleep(0.02)

        assert now != first
        assert built.services.health().figures["decisions_unrecorded_total"] == 0
