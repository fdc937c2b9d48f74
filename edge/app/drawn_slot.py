"""What a decision drew by chance, as the learner waits for it: the moment in bands, and nobody in it.

A recognised customer's decisions are left out: they consented to their row, not to the teaching of a
model. So nothing that waits belongs to anybody, and an erasure has nothing to look for here.
"""

from edge.decide.decide import Decision
from edge.decide.wild_card import rewards_of
from edge.experiment.attribution import Drawn, may_teach
from edge.experiment.features import features


def drawn_in(decision: Decision, analysis_slice: float) -> Drawn | None:
    """Return the slot of ``decision`` that was drawn, if one was."""
    if decision.asked.recognised is not None:
        return None
    wild = next((one for one in decision.slate.shown if one.is_explored), None)
    if wild is None:
        return None
    given, context = decision.arrangement, decision.shelf.context
    places = given.candidates.places.tolist()
    rank = next(n for n, place in enumerate(places) if given.products[place].sku == wild.sku)
    product = given.products[places[rank]]
    (predicted,) = rewards_of([(rank, places[rank])], given.candidates.score, given.calibration)
    return Drawn(
        decision_id=given.decision_id,
        slot=wild.slot,
        sku=wild.sku,
        visit=decision.asked.visit_id or "",
        x=features(context, len(decision.asked.basket), [product])[0],
        predicted=predicted,
        at=context.at,
        may_teach=may_teach(given.decision_id, analysis_slice),
    )
