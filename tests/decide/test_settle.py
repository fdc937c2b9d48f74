"""A finished row is held to the policies once more, whatever a stage before let through."""

from dataclasses import replace
from typing import Final

from edge.catalog.placement import Placement
from edge.decide.arrange import Arrangement, arrange
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import decide
from edge.decide.judges import Judges
from edge.decide.settle import settled
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.values import Asked
from edge.policy.scene import Scene
from tests.fakes import shop

ROW: Final = Placement(id="row", surface="kiosk", slots=3, fallback=("latte",))


def corner(*denied: str) -> Shelf:
    """Return the corner cafe where products with these tags may never be shown."""
    ranker = shop.TableRanker(shop.MOMENT)
    site = shop.site(placements=(ROW,))
    hazards = site.policy.moral_hazards.model_copy(update={"deny_tags": frozenset(denied)})
    policy = site.policy.model_copy(update={"moral_hazards": hazards})
    written = site.model_copy(update={"policy": policy})
    scoring = Scoring(ranker, shop.trend_as_base, ranker.items)
    return stock_shelf(bundle(written, scoring), shop.context(), frozenset())


def judges(shelf: Shelf) -> Judges:
    scene = Scene("kiosk", 1, shop.NOON, ROW.slots)
    return Judges(shelf.bundle.site.policy, scene, shelf.bundle)


def arrangement(shelf: Shelf) -> Arrangement:
    return decide("d", Asked("row", "k"), shelf).arrangement


def test_what_a_policy_objects_to_is_replaced_and_the_arrangement_says_how() -> None:
    lenient = arrangement(corner())
    strict = corner("light")  # the salad
    sold = [one.sku for one in arrange(replace(lenient, candidates=lenient.candidates))]

    given, row = settled(lenient, arrange, {}, judges(strict))

    assert "salad" in {shop.PRODUCTS[p].sku for p in lenient.candidates.places.tolist()}
    assert "salad" not in {one.sku for one in row}
    assert len(row) == len(sold)
    assert arrange(given) == row  # so a replay needs no policy


def test_a_row_that_cannot_be_made_clean_stays_empty() -> None:
    shelf = corner()
    broken = replace(judges(shelf), rules=None)  # type: ignore[arg-type] # no policy can answer

    given, row = settled(arrangement(shelf), arrange, {}, broken)

    assert row == ()
    assert arrange(given) == ()


def test_the_fallback_is_held_to_the_policies_too() -> None:
    shelf = corner("hot")
    site = shelf.bundle.site
    hot = [
        product.model_copy(update={"tags": frozenset({"hot"})})
        if product.sku == "latte"
        else product
        for product in site.products
    ]
    written = site.model_copy(update={"products": tuple(hot)})
    denied = stock_shelf(
        bundle(written, shelf.bundle.scoring), shop.context(), frozenset({"tea", "bun"})
    )
    decision = decide("d", Asked("row", "k"), denied)

    assert "latte" not in decision.arrangement.fallback
    assert "latte" not in {one.sku for one in decision.slate.shown}
    assert "latte" in decision.suppressed["moral_hazards"]
