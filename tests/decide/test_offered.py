"""An offer's product is a candidate, however low the model ranks it in a large catalog."""

from dataclasses import dataclass

import numpy as np

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.decide.bundle import Scoring, bundle
from edge.decide.candidates import MAX_CANDIDATES
from edge.decide.decide import Decision, decide
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked
from edge.recommend.ranker import K_MAX, Ranking, RankRequest
from tests.fakes import shop
from tests.fakes.offers import authored

SKUS = tuple(f"p{n:03d}" for n in range(600))
ROW = Placement(id="row", surface="pos", slots=5)


@dataclass(frozen=True)
class Falling:
    """A ranker for which each product is a little worse than the one before, 256 at most."""

    name: str = "falling"
    digest: str = "falling-1"
    part_names: tuple[str, ...] = ("moment", "trend")

    def rank(self, request: RankRequest) -> Ranking:
        """Return the first that may be shown."""
        shown = request.available.copy()
        shown[request.exclude] = False
        items = np.flatnonzero(shown)[:K_MAX].astype(np.int64)
        score = (3.0 - 0.01 * items).astype(np.float32)
        parts = np.column_stack([score, np.zeros_like(score)])
        return Ranking(items, score, parts, self.part_names)


def decided(*offers: Offer, basket: tuple[str, ...] = ()) -> Decision:
    products = tuple(shop.product(sku, f"c{n % 7}") for n, sku in enumerate(SKUS))
    site = shop.site(placements=(ROW,)).model_copy(update={"products": products, "offers": offers})
    scoring = Scoring(Falling(), shop.trend_as_base, SKUS)
    shelf = stock_shelf(bundle(site, scoring), shop.context(), frozenset())
    return decide("d", Asked("row", "till", basket=basket), shelf)


def test_a_lifted_product_is_a_candidate_beyond_the_models_best() -> None:
    pushed = decided(authored("push", "p302", priority=3.0))
    plain = decided(authored("push", "p302"))

    assert "p302" in {one.sku for one in pushed.slate.shown}
    assert "p302" not in {one.sku for one in plain.slate.shown}


def test_there_are_never_more_candidates_and_never_one_twice_or_left_out() -> None:
    offers = [authored(f"o{n}", SKUS[n], priority=0.5) for n in range(100, 450)]
    decision = decided(*offers, basket=("p300",))
    places = decision.arrangement.candidates.places.tolist()

    assert len(places) == len(set(places)) == MAX_CANDIDATES
    assert SKUS.index("p300") not in places
    assert set(range(100)) <= set(places)  # the model's own best stay
