"""A small ranking model with made-up weights: real graphs, no training data."""

from pathlib import Path

import numpy as np

from edge.recommend.contract import Contract, read_contract
from edge.recommend.features import WIDTH
from edge.recommend.ranker import RankRequest
from models.training.additive import BASKET_SIZES, Additive, Affinity, Floats, History, Trend
from models.training.export import Identity, Probe, package_files

CONTRACT_FILE = Path(__file__).parents[2] / "models" / "contract.toml"


def contract() -> Contract:
    return read_contract(CONTRACT_FILE.read_text(encoding="utf-8"))


def small_model(size: int = 12, *, seed: int = 7, neighbours: int = 0) -> Additive:
    """A model of ``size`` items; with ``neighbours`` > 0 in the form of large catalogs."""
    rng = np.random.default_rng(seed)
    share = np.sort(rng.dirichlet(np.full(size, 0.8)))[::-1] + 1e-4
    if neighbours:
        lift = rng.normal(size=(size, neighbours)).astype(np.float32)
        nearest = np.stack([rng.permutation(size)[:neighbours] for _ in range(size)])
        affinity = Affinity(lift, nearest.astype(np.int32), _scale())
    else:
        lift = rng.normal(size=(size, size)).astype(np.float32)
        affinity = Affinity(lift, None, _scale())
    return Additive(
        items=tuple(f"sku-{i:03d}" for i in range(size)),
        log_share=np.log(share / share.sum()).astype(np.float32),
        context=rng.normal(scale=0.3, size=(WIDTH, size)).astype(np.float32),
        trend=Trend(weight=0.4, prior_orders=20.0, fitted=False),
        history=History(weight=0.8, half_life_days=30.0, saturation=0.5),
        affinity=affinity,
    )


def small_package(size: int = 12, *, neighbours: int = 0) -> dict[str, bytes]:
    """The files of a package of ``small_model``."""
    identity = Identity("small", "1", calibration=(0.9, -2.5))
    model = small_model(size, neighbours=neighbours)
    return package_files(model, contract(), identity, probes(size))


def plain_request(size: int, base: Floats | None = None) -> RankRequest:
    """Nothing known: no history, an empty basket, everything available."""
    none = np.zeros(0, dtype=np.int32)
    return RankRequest(
        history=none,
        history_age=np.zeros(0, dtype=np.float32),
        basket=none,
        exclude=none,
        available=np.ones(size, dtype=np.bool_),
        base=np.zeros((size, 2), dtype=np.float32) if base is None else base,
    )


def probes(size: int, count: int = 6) -> tuple[Probe, ...]:
    """Requests that use every input, the first of them with nothing known."""
    rng = np.random.default_rng(size)
    plain = Probe(_context(rng), np.zeros(size, dtype=np.float32), plain_request(size))
    return (plain, *(_probe(rng, size) for _ in range(count - 1)))


def _probe(rng: np.random.Generator, size: int) -> Probe:
    bought = rng.integers(0, size, int(rng.integers(0, 9)))
    basket = rng.permutation(size)[: int(rng.integers(0, 4))]
    request = RankRequest(
        history=bought.astype(np.int32),
        history_age=rng.uniform(0, 90, len(bought)).astype(np.float32),
        basket=basket.astype(np.int32),
        exclude=basket.astype(np.int32),
        available=rng.random(size) > 0.1,
        base=np.zeros((size, 2), dtype=np.float32),
    )
    orders = 5.0 * rng.integers(0, 4, size)
    return Probe(_context(rng), orders.astype(np.float32), request)


def _context(rng: np.random.Generator) -> Floats:
    context = np.zeros(WIDTH, dtype=np.float32)
    context[[int(rng.integers(0, 24)), 24 + int(rng.integers(0, 7))]] = 1.0
    context[31:] = rng.uniform(-1, 1, 2)
    return context


def _scale() -> Floats:
    sizes = np.maximum(np.arange(BASKET_SIZES), 1)
    return (1.0 / np.sqrt(sizes)).astype(np.float32)
