"""Ranking models of any size with made-up weights, exported as the real ones are."""

from pathlib import Path

import numpy as np

from edge.recommend.contract import read_contract
from edge.recommend.features import WIDTH
from models.training.additive import BASKET_SIZES, Additive, Affinity, History, Trend
from models.training.export import Identity, package_files, write_folder
from models.training.fit import ALL_PAIRS_UP_TO, NEIGHBOURS
from tests.bench.shop import sku

CONTRACT = Path(__file__).parents[2] / "models" / "contract.toml"


def write_model(size: int, folder: Path) -> None:
    """Write a model package of ``size`` items into ``folder``."""
    contract = read_contract(CONTRACT.read_text("utf-8"))
    identity = Identity(f"bench-{size}", "1", calibration=(0.9, -2.5))
    write_folder(package_files(_model(size), contract, identity, ()), folder)


def _model(size: int) -> Additive:
    draw = np.random.default_rng(size)
    share = np.sort(draw.dirichlet(np.full(size, 0.8)))[::-1] + 1e-9
    return Additive(
        items=tuple(sku(index) for index in range(size)),
        log_share=np.log(share / share.sum()).astype(np.float32),
        context=draw.normal(scale=0.3, size=(WIDTH, size)).astype(np.float32),
        trend=Trend(weight=0.4, prior_orders=20.0, fitted=False),
        history=History(weight=0.8, half_life_days=30.0, saturation=0.5),
        affinity=_affinity(size, draw),
    )


def _affinity(size: int, draw: np.random.Generator) -> Affinity:
    scale = (1.0 / np.sqrt(np.maximum(np.arange(BASKET_SIZES), 1))).astype(np.float32)
    if size <= ALL_PAIRS_UP_TO:
        return Affinity(draw.normal(size=(size, size)).astype(np.float32), None, scale)
    lift = draw.normal(size=(size, NEIGHBOURS)).astype(np.float32)
    nearest = draw.integers(0, size, (size, NEIGHBOURS)).astype(np.int32)
    return Affinity(lift, nearest, scale)
