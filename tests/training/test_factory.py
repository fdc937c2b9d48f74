"""The shipped factory model keeps every promise of a package."""

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.recommend.features import encode_context
from edge.recommend.package import load_package
from tests.fakes.small_model import contract, plain_request

MODELS = Path(__file__).parents[2] / "models"
FACTORY = MODELS / "factory"


def factory_files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in FACTORY.iterdir() if file.is_file()}


def test_the_factory_model_loads_and_answers_as_in_training() -> None:
    package = load_package(factory_files(), contract=contract())

    assert package.calibration is not None
    assert sum(len(content) for content in factory_files().values()) < 500_000


def test_its_items_are_products_of_the_demo_menu() -> None:
    table = MODELS / "training" / "datasets" / "coffee_shop_items.csv"
    with table.open(encoding="utf-8") as lines:
        skus = {row["sku"] for row in csv.DictReader(lines)} - {""}

    assert set(load_package(factory_files(), contract=contract()).items) == skus


def test_any_hour_gives_a_full_ranking_of_finite_scores() -> None:
    package = load_package(factory_files(), contract=contract())
    size = len(package.items)
    for hour in range(24):
        at = datetime(2026, 11, 2, hour, tzinfo=ZoneInfo("Europe/London"))
        base = package.base(encode_context(at), np.zeros(size, dtype=np.float32))
        found = package.ranker.rank(plain_request(size, base))
        assert len(found.items) == size
        assert np.isfinite(found.score).all()


def test_its_card_says_that_the_data_is_fictitious_and_shows_real_figures_beside() -> None:
    card = (MODELS / "cards" / "factory.md").read_text(encoding="utf-8")

    assert "**The data is fictitious.**" in card
    assert "a real bakery" in card
    for plot in (MODELS / "cards" / "factory").iterdir():
        assert f"(factory/{plot.name})" in card
        assert plot.stat().st_size < 100_000
