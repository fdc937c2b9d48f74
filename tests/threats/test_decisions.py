"""Hundreds of random requests, judged by the shop's own files and not by the code that decided."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
import yaml

from edge.app.load_site import load_site
from edge.app.wiring import Appliance
from edge.catalog.allergens import Allergen
from edge.catalog.site import Site
from edge.core.clock import SettableClock
from edge.decide.record import replay, slate_bytes
from edge.decide.values import Asked, Shown
from edge.web.ports import StockChange
from tests.fakes.appliance import DEMO_SITE, LUNCH_AT, appliance
from tests.fakes.dice import Dice

REQUESTS = 400
DAYPARTS = ("breakfast", "lunch", "afternoon", "evening")


@dataclass
class Shop:
    """A running shop, and its files as anybody can read them."""

    built: Appliance
    site: Site
    clock: SettableClock
    products: dict[str, dict[str, Any]]
    placements: dict[str, dict[str, Any]]
    dayparts: list[dict[str, Any]]

    def daypart(self) -> str | None:
        """Return the daypart of now, from ``site.yaml`` alone."""
        hour = self.clock().astimezone(ZoneInfo("Europe/London")).strftime("%H:%M")
        return next((d["id"] for d in self.dayparts if d["start"] <= hour < d["end"]), None)


def plain(path: Path, found: object) -> None:
    """Write YAML without anchors, which a changed entry must not share."""
    path.write_bytes(orjson.dumps(found))  # JSON is YAML


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The demo shop, where every second product is only sold at some time of the day."""
    chance = Dice("dayparts")
    folder = tmp_path_factory.mktemp("shop") / "site"
    shutil.copytree(DEMO_SITE, folder)
    products = {}
    for path in sorted((folder / "products").glob("*.yaml")):
        entries = yaml.safe_load(path.read_text("utf-8"))
        for entry in entries:
            if chance.below(2):
                entry["dayparts"] = list(chance.sample(DAYPARTS, 2))
            products[entry["sku"]] = entry
        plain(path, entries)
    placements = yaml.safe_load((folder / "placements.yaml").read_text("utf-8"))
    header = yaml.safe_load((folder / "site.yaml").read_text("utf-8"))
    clock, site = SettableClock(LUNCH_AT), load_site(folder)
    with appliance(tmp_path_factory.mktemp("data"), clock=clock, shop=site) as built:
        yield Shop(
            built, site, clock, products, {p["id"]: p for p in placements}, header["dayparts"]
        )


def requests(shop: Shop) -> Iterator[tuple[Asked, frozenset[str]]]:
    """Yield random questions, each with what is sold out while it is asked."""
    chance = Dice("questions")
    skus = sorted(shop.products)
    categories = sorted({p["category"] for p in shop.products.values()})
    tags = sorted({tag for p in shop.products.values() for tag in p.get("tags", [])})
    gone: frozenset[str] = frozenset()
    for number in range(REQUESTS):
        if number % 40 == 0:
            minutes = chance.below(60 * 24 * 40)
            shop.clock.at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
            gone = frozenset(chance.sample(skus, chance.choice([0, 5, 40, len(skus)])))
            levels = [StockChange(sku, 0 if sku in gone else None) for sku in skus]
            shop.built.services.set_stock(levels).result(5)
        yield (
            Asked(
                placement_id=chance.choice(sorted(shop.placements)),
                screen_id="kiosk-1",
                visit_id="a-visit",
                basket=chance.choices(skus, chance.choice([0, 1, 5, 60])),
                avoid=frozenset(chance.sample(list(Allergen), chance.choice([0, 1, 2, 14]))),
                fewer=frozenset(chance.sample(categories, chance.choice([0, 0, 1, 3]))),
                answers=tuple(
                    frozenset(chance.sample(tags, 2)) for _ in range(chance.choice([0, 0, 2]))
                ),
            ),
            gone,
        )


def conflicts(product: dict[str, Any], avoid: frozenset[Allergen]) -> bool:
    """Say whether no way of making ``product`` is free of ``avoid``."""
    unwanted = {allergen.value for allergen in avoid}
    groups = [g for g in product.get("options", []) if g.get("pick", "one") == "one"]
    return bool(unwanted & set(product["allergens"])) or any(
        all(unwanted & set(choice.get("allergens", [])) for choice in group["choices"])
        for group in groups
    )


def wrong_with(shop: Shop, asked: Asked, gone: frozenset[str], one: Shown) -> list[str]:
    """Return what speaks against showing ``one``."""
    product = shop.products[one.sku]
    tags = set(product.get("tags", []))
    checks = {
        "sold out": one.sku in gone,
        "an allergen": conflicts(product, asked.avoid),
        "the time of day": shop.daypart() not in product.get("dayparts", [shop.daypart()]),
        "in the basket already": one.sku in asked.basket,
        "fewer of these": product["category"] in asked.fewer,
        "another answer": any(not answer & tags for answer in asked.answers),
        "its propensity": not 0 < one.propensity <= 1,
        "its parts": abs(sum(one.parts.values()) - one.score) > 1e-4,
        "explored past a filter": one.is_explored and bool(asked.avoid),
    }
    return [what for what, is_wrong in checks.items() if is_wrong]


def test_whatever_is_asked_nothing_is_shown_that_may_not_be(shop: Shop) -> None:
    shown = 0
    for asked, gone in requests(shop):
        slate = shop.built.services.serve(asked)
        found = {one.sku: wrong_with(shop, asked, gone, one) for one in slate.shown}
        assert not any(found.values()), (asked, shop.daypart(), found)
        assert len(found) == len(slate.shown) <= shop.placements[asked.placement_id]["slots"]
        assert [one.slot for one in slate.shown] == list(range(len(found)))
        shown += len(found)

    assert shown > REQUESTS / 4  # the requests were not all hopeless


def test_whatever_was_asked_its_record_gives_the_same_slate_and_no_gap_that_tells(
    shop: Shop,
) -> None:
    for asked, gone in requests(shop):
        slate = shop.built.services.serve(asked)
        kept = shop.built.store.reads.decision(slate.decision_id)
        assert kept
        facts = orjson.loads(kept.body)

        again = slate_bytes(replay(kept.body, kept.candidates, shop.site))
        assert again == orjson.dumps(facts["slate"], option=orjson.OPT_SORT_KEYS)
        # What a list of left-out products must hold follows from what is recorded beside it.
        # One that is missing from its list would be one that the allergen filter took first.
        left_out = facts["suppressed"]
        assert set(left_out.get("in_basket", [])) == set(asked.basket)
        fewer = {s for s, p in shop.products.items() if p["category"] in asked.fewer}
        assert set(left_out.get("fewer_like_this", [])) == fewer - set(asked.basket)
        assert "allergen" not in kept.body.decode()
        assert gone or not left_out.get("sold_out")
