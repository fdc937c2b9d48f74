"""Read a model package, and climb down the ladder when it cannot be used.

model package -> popularity from the shop's own orders -> the placement's fallback offers.
A broken model is a reason to say so, never a reason to stop serving.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.app.shipped import shipped
from edge.catalog.site import Site
from edge.core.errors import EdgeError, ModelContractError
from edge.decide.bundle import Scoring, known_share
from edge.recommend.contract import read_contract
from edge.recommend.package import MANIFEST, PACKAGE_FILES, ModelPackage, load_package
from edge.recommend.popularity import PopularityRanker

log = logging.getLogger(__name__)

LEAST_KNOWN: Final = 0.5
"""A model that knows fewer of the shop's products than this was made for another shop."""


class OtherShopError(ModelContractError):
    """A good model that knows too little of this catalog."""


MAX_FILE_BYTES: Final = 64 << 20


def read_package(folder: Path) -> ModelPackage:
    """Return the verified model package in ``folder``.

    Raises:
        ModelContractError: A file is missing, too long, changed, or breaks the contract.
    """
    contract = read_contract(shipped("models/contract.toml").read_text("utf-8"))
    return load_package(_files(folder), contract=contract)


def load_scoring(folder: Path, site: Site, counts: Mapping[str, int]) -> Scoring:
    """Return the model in ``folder`` for ``site``, or popularity with the reason why not.

    Args:
        folder: The model package.
        site: The shop it has to know.
        counts: Orders per sku, for the popularity ranker.
    """
    try:
        return read_scoring(folder, site)
    except EdgeError as error:
        log.warning("model in %s cannot be used, ranking by popularity: %s", folder, error)
        return popularity(site, counts, why=str(error))


def read_scoring(folder: Path, site: Site) -> Scoring:
    """Return the model in ``folder`` for ``site``.

    Raises:
        OtherShopError: The package was made for another shop, or this one has changed a lot.
        ModelContractError: The package breaks the contract.
    """
    package = read_package(folder)
    share = known_share(site, package.items)
    if share < LEAST_KNOWN:
        msg = (
            f"wanted a model of {site.header.site}, got one that knows {share:.0%} of its "
            f"{len(site.products)} products; train one with `python -m models.training fit`"
        )
        raise OtherShopError(msg)
    return Scoring(
        ranker=package.ranker,
        base=package.base,
        items=package.items,
        calibration=package.calibration,
    )


def popularity(site: Site, counts: Mapping[str, int], *, why: str) -> Scoring:
    """Return the scoring that needs no model: how often each product was ordered here."""
    items = tuple(product.sku for product in site.products)
    return Scoring(
        ranker=PopularityRanker.from_counts(items, counts),
        base=_no_base,
        items=items,
        degraded=why,
    )


def _no_base(_context: NDArray[np.float32], trend: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.zeros((len(trend), 2), dtype=np.float32)


def _files(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in (MANIFEST, *PACKAGE_FILES):
        try:
            with (folder / name).open("rb") as file:
                files[name] = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            msg = f"wanted a model package, cannot read {name}: {error.strerror}"
            raise ModelContractError(msg) from error
        if len(files[name]) > MAX_FILE_BYTES:
            msg = f"{name}: wanted at most {MAX_FILE_BYTES} bytes, got more"
            raise ModelContractError(msg)
    return files
