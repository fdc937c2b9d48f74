"""What the strategies of a placement choose in one decision, from the shelf and the visit."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from edge.catalog.placement import Placement
from edge.catalog.strategy import StrategyName
from edge.decide.candidates import Candidates
from edge.decide.considered import Behind
from edge.decide.judges import Judges
from edge.decide.reasons import HISTORY_PART
from edge.decide.score import Question
from edge.decide.slots import Picks, Wanted, picks
from edge.decide.strategies.for_everybody import Valued
from edge.decide.strategies.for_the_visit import also_bought, buy_again
from edge.policy.scene import Considered


@dataclass(frozen=True, slots=True)
class Sources:
    """What strategies about the visit choose from."""

    found: Candidates
    """The scored candidates that no policy objects to."""
    again: AbstractSet[str]
    """What may be proposed because this customer had it before (``buyable_again``)."""
    may_shuffle: bool
    """False where the record keeps nothing but what was shown."""


def buyable_again(
    placement: Placement, asked: Question, judges: Judges, behind: Behind | None
) -> Mapping[str, Considered]:
    """Return sku -> what policies looked at, of what may be proposed as bought before.

    A strategy goes past the candidates, so it is held to the policies here: with the fact that it
    rests on, and as personal as it is.
    """
    if behind is None or all(one.by != "buy-again" for one in placement.strategies):
        return {}
    site = asked.bundle.site
    products = (site.product(one.sku) for one in behind.recognised.bought)
    judged = (
        Considered(product, None, behind.facts(product, HISTORY_PART))
        for product in products
        if product is not None and product.sku in asked.here.eligible
    )
    return {one.product.sku: one for one in judged if judges.objection(one) is None}


def picks_for(decision_id: str, placement: Placement, asked: Question, sources: Sources) -> Picks:
    """Return what goes into the slots that strategies fill; most placements have none."""
    if not placement.strategies:
        return ()
    site = asked.bundle.site

    def valued(name: StrategyName) -> Valued:
        if name == "also-bought":
            return also_bought(sources.found, site.products)
        if name == "buy-again":
            return buy_again(asked.recognised.bought if asked.recognised else (), sources.again)
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
            may_shuffle=sources.may_shuffle,
        )
    )
