"""What stays the same from one decision to the next: the catalog, and the ranker over it.

The model knows items by its own order, the shop by its folder's. The two are joined here,
once: an item the shop does not sell is never available, and a product the model does not know
is a candidate without a score.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import orjson
from numpy.typing import NDArray

from edge.catalog.product import Product
from edge.catalog.site import Site
from edge.decide.offer_index import OfferIndex, offer_index
from edge.policy.scene import Linkage
from edge.recommend.ranker import Ranker

BaseScores = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""Context vector and trend counts to the parts that hold for everybody: float32[N, 2]."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """A ranker, the base it needs, and which sku each of its items is."""

    ranker: Ranker
    base: BaseScores
    items: Sequence[str]
    calibration: tuple[float, float] | None = None
    """a, b of p(take) = sigmoid(a * score + b); None: exploration uses a prior by rank."""
    degraded: str | None = None
    """Why this is not the full model, in words for ops; None when it is."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A catalog and a ranker over it. Made once per catalog and model, shared by all threads."""

    site: Site
    scoring: Scoring
    products: tuple[Product | None, ...]
    """The product of each item of the model; None where the shop does not sell it."""
    item_of: Mapping[str, int]
    """The model's item of each sku it knows."""
    position_of: NDArray[np.int32]
    """Each item's place in ``site.products``; -1 where the shop does not sell it."""
    place_of: Mapping[str, int]
    """The place of each sku in ``site.products``."""
    unscored: tuple[int, ...]
    """Places in ``site.products`` of what the model does not know."""
    of_category: Mapping[str, tuple[str, ...]]
    """The skus of each category."""
    offers: OfferIndex
    """The catalog's offers by where they belong."""
    policy_digest: str
    """SHA-256 over the rules in force: which policy a decision was held to."""
    familiarity: Mapping[str, int]
    """Offer -> the most that any of its words presume; what is not here presumes nothing."""
    linkage: Linkage = field(default=lambda _one, _other: None, repr=False)
    """How much two categories belong together in the shop's own baskets."""
    verdicts: dict[tuple[int, int], NDArray[np.int8]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What ``edge.decide.judges`` found out about plain products so far."""

    @property
    def ranker(self) -> Ranker:
        """The ranker of every decision made with this bundle."""
        return self.scoring.ranker


def bundle(site: Site, scoring: Scoring) -> Bundle:
    """Join ``site`` with a ranker over the skus ``scoring.items``."""
    position = {product.sku: place for place, product in enumerate(site.products)}
    places = np.array([position.get(sku, -1) for sku in scoring.items], dtype=np.int32)
    known = set(scoring.items)
    of_category: dict[str, list[str]] = {}
    for product in site.products:
        of_category.setdefault(product.category, []).append(product.sku)
    return Bundle(
        site=site,
        scoring=scoring,
        products=tuple(site.product(sku) for sku in scoring.items),
        item_of={sku: index for index, sku in enumerate(scoring.items)},
        position_of=places,
        place_of=position,
        unscored=tuple(
            place for place, product in enumerate(site.products) if product.sku not in known
        ),
        of_category={category: tuple(skus) for category, skus in of_category.items()},
        offers=offer_index(site),
        policy_digest=_digest(site),
        familiarity=_familiarity(site),
    )


def _familiarity(site: Site) -> Mapping[str, int]:
    of_module = {module.id: module.familiarity for module in site.modules}
    most = {
        offer.offer: max((of_module.get(one, 0) for one in offer.modules.values()), default=0)
        for offer in site.offers
        if offer.modules
    }
    return {offer: knows for offer, knows in most.items() if knows}


def _digest(site: Site) -> str:
    """Return the digest of the rules; sets are sorted, so that it does not change by chance."""
    rules = site.policy.model_dump(mode="json")
    return sha256(orjson.dumps(_ordered(rules), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _ordered(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        # Every list in the rules is a set or means the same in any order.
        return sorted((_ordered(one) for one in value), key=orjson.dumps)
    return value


def known_share(site: Site, items: Sequence[str]) -> float:
    """Return which share of the shop's products the model knows, 0 to 1.

    A model of another catalog knows next to none; callers then refuse it.
    """
    known = set(items)
    return sum(product.sku in known for product in site.products) / max(1, len(site.products))
