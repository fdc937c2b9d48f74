"""What the strategies of a placement choose in one decision, from the shelf and the visit."""

from edge.catalog.placement import Placement
from edge.catalog.strategy import StrategyName
from edge.decide.candidates import Candidates
from edge.decide.score import Question
from edge.decide.slots import Picks, Wanted, picks
from edge.decide.strategies.for_everybody import Valued
from edge.decide.strategies.for_the_visit import also_bought, buy_again


def picks_for(
    decision_id: str,
    placement: Placement,
    asked: Question,
    found: Candidates,
    *,
    may_shuffle: bool,
) -> Picks:
    """Return what goes into the slots that strategies fill; most placements have none.

    Args:
        decision_id: The seed of a shuffle.
        placement: Whose slots are filled.
        asked: What may be shown, and to whom.
        found: The scored candidates.
        may_shuffle: False where the record keeps nothing but what was shown.
    """
    if not placement.strategies:
        return ()
    site = asked.bundle.site

    def valued(name: StrategyName) -> Valued:
        if name == "also-bought":
            return also_bought(found, site.products)
        if name == "buy-again":
            return buy_again(asked.recognised.bought if asked.recognised else (), here.eligible)
        return here.by_strategy.get(name, ())

    here = asked.here
    basket = (site.product(sku) for sku in asked.basket)
    return picks(
        Wanted(
            decision_id=decision_id,
            placement=placement,
            valued=valued,
            product=site.product,
            left_out=asked.left_out.keys(),
            dearest_minor=max((one.price_minor or 0 for one in basket if one), default=0),
            may_shuffle=may_shuffle,
        )
    )
