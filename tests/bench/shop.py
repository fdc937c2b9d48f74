"""A shop of any size for measuring: made-up products, and as many boards as are wanted.

Needs only the service's own environment, so that its memory can be measured there.
"""

from datetime import time
from pathlib import Path
from typing import Final

from edge.app.settings import Settings
from edge.app.wiring import Appliance, build
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.catalog.site import WEEKDAYS, Board, Daypart, OpeningDay, Section, Site, SiteHeader
from edge.core.chance import system_chance
from edge.core.clock import system_clock

CATEGORIES: Final = 40
BOARD_ROWS: Final = 20


def sku(index: int) -> str:
    """Return the sku of product ``index``: its place in the model too."""
    return f"sku-{index:06d}"


def big_site(size: int) -> Site:
    """Return a shop of ``size`` products with the placements of a real one."""
    return Site(
        header=SiteHeader(
            site=f"bench-{size}",
            tenant="bench",
            name="Bench",
            timezone="Europe/London",
            currency="GBP",
            region="gb",
            languages=("en",),
            opening={day: OpeningDay(opens=time(0), closes=time(23, 59)) for day in WEEKDAYS},
            dayparts=(
                Daypart(
                    id="day",
                    name={"en": "Day"},
                    during={"en": "today"},
                    start=time(0),
                    end=time(23, 59),
                ),
            ),
        ),
        sections=(
            Section(id="board", name={"en": "Board"}),
            Section(id="rest", name={"en": "Rest"}),
        ),
        products=tuple(_product(index) for index in range(size)),
        offers=tuple(_offer(index) for index in range(5)),
        placements=(
            Placement(
                id="kiosk-strip",
                surface="kiosk",
                slots=3,
                spread=1,
                explore_slot=2,
                fallback=(sku(0), sku(1)),
            ),
            Placement(id="evaluation", surface="pos", slots=10),
            Placement(id="hero", surface="signage", slots=1, fallback=(sku(0),)),
        ),
        boards=(Board(id="all", name={"en": "All"}, sections=("board",), hero="hero"),),
        digest="b" * 64,
    )


def appliance(size: int, model: Path, data: Path, *, boards: int = 1) -> Appliance:
    """Return the whole appliance over such a shop, recording into ``data``."""
    screens = [{"id": f"board-{i}", "surface": "signage", "board": "all"} for i in range(boards)]
    overrides = {"device_id": "bench-1", "data_folder": str(data), "model_folder": str(model)}
    settings = Settings.model_validate({**overrides, "clock": "request", "screens": screens})
    listen = replace_port(settings, 0)
    return build(listen, big_site(size), clock=system_clock, chance=system_chance)


def replace_port(settings: Settings, port: int) -> Settings:
    """Return ``settings`` listening on ``port``."""
    return settings.model_copy(update={"listen": settings.listen.model_copy(update={"port": port})})


def _product(index: int) -> Product:
    return Product.model_validate(
        {
            "sku": sku(index),
            "name": {"en": f"Product {index}"},
            "description": {"en": "As good as the one beside it"},
            "section": "board" if index < BOARD_ROWS else "rest",
            "category": f"category-{index % CATEGORIES}",
            "price_minor": 100 + index % 900,
            "margin_minor": 50,
            "kcal": index % 800,
            "allergens": ["milk"] if index % 3 == 0 else [],
        }
    )


def _offer(index: int) -> Offer:
    return Offer.model_validate(
        {
            "offer": f"offer-{index}",
            "owner": "bench",
            "skus": [sku(10 * index + 3)],
            "headline": {"en": "Try it"},
            "surfaces": ["kiosk"],
        }
    )
