"""Decide what a placement shows: one pure function from facts to a decision.

Stages: the visit's assignment, what may be used of a recognised customer, eligibility (the shelf
and the visit), candidates and scores (``edge.decide.score``), the shop's priorities and, where a
placement asks for it, the order by value, then spread, exploration and reasons
(``edge.decide.arrange``), and the policy once more over the finished slate. Time, stock, chance
and what was counted before are in the arguments, so the same arguments give the same slate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge.catalog.explanation import Need
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.core.errors import RequestContractError
from edge.decide.allowed import allowed
from edge.decide.arbitration import Arbitrated, Terms, by_value
from edge.decide.arrange import Arrangement, Exploration, arrange
from edge.decide.assigned import held_out, treatment
from edge.decide.bundle import Bundle
from edge.decide.candidates import Candidates
from edge.decide.considered import Behind, linked_by_model, personal_parts, scene_of, with_links
from edge.decide.eligible_offers import Visit, eligible_offers
from edge.decide.judges import Judges, objections
from edge.decide.learned import adjustments
from edge.decide.moved_up import may_be_moved_up, moved_up, stamped
from edge.decide.picking import Sources, buyable_again, picks_for
from edge.decide.priorities import with_priorities
from edge.decide.score import Question, Scored, score
from edge.decide.settle import settled
from edge.decide.shelf import PlacementShelf, Shelf, fallback_skus
from edge.decide.state import NO_STATE, State
from edge.decide.templates import NOTHING_OWN, Sayable
from edge.decide.values import Asked, Basis, Recognised, Shown, Slate
from edge.decide.withheld import kept
from edge.policy.eligibility import UNRECORDED, Rule, visit_rule
from edge.policy.recognition import PUBLICITY
from edge.policy.scene import Considered
from edge.policy.sins.overcrowding import most_personal


@dataclass(frozen=True, slots=True)
class Decision:
    """A slate, and everything needed to explain and replay it."""

    asked: Asked
    shelf: Shelf
    arrangement: Arrangement
    slate: Slate
    suppressed: Mapping[str, tuple[str, ...]]
    """Rule to the ids it left out; never what a shopper filters or muted."""
    recognised: Recognised | None = field(default=None, repr=False)
    """What was used of a recognised customer."""
    state: State = NO_STATE
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """What the value of each candidate was made of, where the row is ordered by value."""
    withheld: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Rule of a policy or a cap -> how many candidates it left out; for figures, in no record."""

    @property
    def keeps_only_shown(self) -> bool:
        """Whether its record keeps nothing but what was shown.

        The other candidates, and their parts, would list what a customer bought and starred; by
        their gaps, what a shopper cannot eat or wants nothing of.
        """
        return bool(self.asked.avoid) or self.recognised is not None

    @property
    def basis(self) -> tuple[Basis, ...]:
        """The consents it relied on, to be kept beside it.

        Empty while allergens are filtered: nothing that is kept may say of a person that they
        filter, so the record belongs to nobody.
        """
        return self.recognised.basis if self.recognised and not self.asked.avoid else ()


def decide(
    decision_id: str,
    asked: Asked,
    shelf: Shelf,
    exploration: Exploration | None = None,
    state: State = NO_STATE,
) -> Decision:
    """Return the decision for what a surface asks, from what is on the shelf.

    Args:
        decision_id: Its name, and the seed of what is drawn.
        asked: What a surface asks for.
        shelf: What there is.
        exploration: How chance is used.
        state: What was counted and assigned before.

    Raises:
        RequestContractError: The placement or a product of the basket does not exist, or a board
            was asked for somebody.
        ModelContractError: The ranker gave a score that is not a number, or an item that may not
            be shown; the caller then asks again with a simpler ranker.
    """
    placement = _placement(asked, shelf)
    treated = treatment(state.assignment, shelf.bundle.site, placement)
    recognised = _recognised(asked, placement)
    if treated.is_held_out:
        recognised = held_out(recognised)
    here = shelf.at(placement)
    visit = _visit_rules(asked, recognised, shelf)
    # Who is held out keeps their mutes, and nothing is proposed for what they consented to.
    consenting = None if treated.is_held_out else recognised
    eligible = eligible_offers(here.standing, shelf.now, _asking(asked, consenting, shelf, visit))
    offers = {
        sku: one for sku, one in eligible.offers.items() if one.offer not in treated.offers_off
    }
    lifted = _lifted(offers, placement)
    question = Question(shelf, here, asked.basket, visit, recognised, placement.personal, lifted)
    scored = score(question)
    judges, behind = _judges(question, scored, asked, placement, state)
    clean = kept(scored.candidates, offers, behind, judges)
    again = buyable_again(placement, question, judges, behind)
    arrangement = Arrangement(
        decision_id=decision_id,
        placement=placement,
        products=shelf.bundle.site.products,
        candidates=clean.candidates,
        offers=clean.offers,
        fallback=_fallback(placement, shelf, visit, judges),
        calibration=shelf.bundle.scoring.calibration,
        exploration=exploration or Exploration(),
        may_explore=treated.explores and _may_explore(asked, recognised),
        sayable=_sayable(placement, asked, shelf),
        personal=clean.personal,
        most_personal=most_personal(judges.scene, judges.rules),
        picks=picks_for(
            decision_id,
            placement,
            question,
            Sources(clean.candidates, again.keys(), not asked.avoid and recognised is None),
        ),
    )
    if state.learner is not None and arrangement.explores:
        learned = adjustments(state.learner, clean.candidates, shelf, len(asked.basket))
        arrangement = replace(arrangement, adjusted=learned)
    picked = {one.sku: again[one.sku] for one in arrangement.picks if one.by == "buy-again"}
    made = _made(arrangement, judges, {**clean.judged, **picked}, state)
    arrangement, terms = made.arrangement, made.terms
    shown = _policy_clean(made.row, shelf, visit)
    suppressed = _together(_suppressed(here, visit), eligible.suppressed)
    if recognised is None and not asked.avoid:
        # Of a customer, and of who filters allergens, a list of these would tell.
        suppressed = _together(suppressed, clean.suppressed)
    slate = Slate(
        decision_id=decision_id,
        placement_id=placement.id,
        shown=shown,
        ranker=shelf.bundle.ranker.name,
        degraded=shelf.bundle.scoring.degraded,
        suppressed={rule: len(ids) for rule, ids in suppressed.items()},
        is_unlinked=bool(asked.avoid),
        because={one.sku: scored.because[one.sku] for one in shown if one.sku in scored.because},
        assignment=state.assignment,
        variants=treated.variants,
    )
    return Decision(
        asked, shelf, arrangement, slate, suppressed, recognised, state, terms, clean.counts
    )


def _lifted(offers: Mapping[str, Offer], placement: Placement) -> frozenset[str]:
    """Return what an offer may bring further up than the model's score does."""
    by_value = placement.order == "value"
    return frozenset(sku for sku, one in offers.items() if by_value or one.priority)


def _judges(
    question: Question, scored: Scored, asked: Asked, here: Placement, state: State
) -> tuple[Judges, Behind | None]:
    """Return who judges, and what is behind the candidates of a recognised customer."""
    bundle, known = question.bundle, question.recognised
    rules = bundle.site.policy
    scene = scene_of(asked, here, known, question.shelf, state)
    if known is None:
        return Judges(rules, scene, bundle), None
    found = scored.candidates
    parts = personal_parts(found, here.personal)
    linked = linked_by_model(found, parts, bundle.site.products)
    scene = with_links(scene, linked, rules.category_jumping.min_linkage)
    return Judges(rules, scene, bundle), Behind(known, here.personal, scored.because, scene, parts)


@dataclass(frozen=True, slots=True)
class _Made:
    """A row, and what it was arranged from."""

    arrangement: Arrangement
    row: tuple[Shown, ...]
    terms: Mapping[str, Terms]


def _made(
    scored: Arrangement, judges: Judges, judged: Mapping[str, Considered], state: State
) -> _Made:
    """Order the candidates as the placement wants them, and fill the row.

    Where the shop's priority changed it, the row is made once more without, to say so.
    """
    bundle = judges.bundle
    raised = with_priorities(scored.candidates, scored.offers, bundle)
    found = _ordered(raised, scored, bundle, state)
    given, row = settled(replace(scored, candidates=found.candidates), arrange, judged, judges)
    if may_be_moved_up(row):
        plain = _ordered(scored.candidates, scored, bundle, state)
        row = stamped(row, moved_up(row, arrange(replace(scored, candidates=plain.candidates))))
    return _Made(given, row, found.terms)


def _ordered(found: Candidates, given: Arrangement, bundle: Bundle, state: State) -> Arbitrated:
    if given.placement.order == "score":
        return Arbitrated(found, {})
    return by_value(found, given.offers, bundle, state.pressure)


def _sayable(placement: Placement, asked: Asked, shelf: Shelf) -> Sayable:
    explanations = shelf.bundle.site.explanations
    if not explanations:
        return NOTHING_OWN
    met: dict[Need, bool] = {
        "weather": shelf.context.weather is not None,
        "daypart": shelf.context.daypart_id is not None,
        "basket": bool(asked.basket),
    }
    known = frozenset(need for need, is_met in met.items() if is_met)
    return Sayable(explanations, known, PUBLICITY[placement.surface])


def _placement(asked: Asked, shelf: Shelf) -> Placement:
    site = shelf.bundle.site
    placement = site.placement(asked.placement_id)
    if placement is None:
        msg = (
            f"wanted a placement of {site.header.site} "
            f"({', '.join(p.id for p in site.placements)}), got {asked.placement_id[:60]!r}"
        )
        raise RequestContractError(msg)
    unknown = [sku for sku in asked.basket if site.product(sku) is None]
    if unknown:
        msg = f"wanted products of {site.header.site} in the basket, got {unknown[0][:60]!r}"
        raise RequestContractError(msg)
    return placement


def _recognised(asked: Asked, placement: Placement) -> Recognised | None:
    """Return what this surface may use of the customer; a board is never asked for anybody."""
    if asked.recognised is not None and placement.surface == "signage":
        msg = f"wanted nobody in particular for {placement.id}, a board's, got a recognised visitor"
        raise RequestContractError(msg)
    return allowed(asked.recognised, placement.surface)


def _visit_rules(asked: Asked, recognised: Recognised | None, shelf: Shelf) -> Mapping[str, Rule]:
    """Return sku -> rule for what this visit leaves out."""
    rules = dict.fromkeys(asked.basket, Rule.IN_BASKET)
    for sku in asked.taken:
        rules.setdefault(sku, Rule.IN_ANOTHER_ROW)
    if asked.avoid or asked.fewer or asked.answers:
        for product in shelf.bundle.site.products:
            if product.sku in rules:
                continue  # else a gap between the basket and this list would tell an allergen
            rule = visit_rule(product, avoid=asked.avoid, fewer=asked.fewer, answers=asked.answers)
            if rule is not None:
                rules[product.sku] = rule
    for category in recognised.muted if recognised else ():
        # After the others, which are recorded: a gap in a list of theirs would tell what is muted.
        for sku in shelf.bundle.of_category.get(category, ()):
            rules.setdefault(sku, Rule.MUTED)
    return rules


def _asking(
    asked: Asked, consenting: Recognised | None, shelf: Shelf, left_out: Mapping[str, Rule]
) -> Visit:
    """Return what an offer may ask of this visit."""
    site = shelf.bundle.site
    basket = [product for sku in asked.basket if (product := site.product(sku))]
    purposes = (
        frozenset(one.purpose.value for one in consenting.basis) if consenting else frozenset()
    )
    return Visit(basket, left_out.keys(), purposes)


def _fallback(
    placement: Placement, shelf: Shelf, visit: Mapping[str, Rule], judges: Judges
) -> tuple[str, ...]:
    """Return what fills the row where nothing else does; no policy may object to it either."""
    if placement.personal is not None or not placement.fallback:
        return ()
    skus = [sku for sku in fallback_skus(shelf, placement) if sku not in visit]
    places = np.array([shelf.bundle.place_of[sku] for sku in skus], dtype=np.int32)
    never = objections(places, judges)
    return tuple(sku for rank, sku in enumerate(skus) if rank not in never)


def _together(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    if not other:
        return one
    return {rule: one.get(rule, ()) + other.get(rule, ()) for rule in (*one, *other)}


def _may_explore(asked: Asked, recognised: Recognised | None) -> bool:
    wants_none = recognised is not None and recognised.surprise == "none"
    return not asked.avoid and not wants_none


def _policy_clean(
    shown: tuple[Shown, ...], shelf: Shelf, visit: Mapping[str, Rule]
) -> tuple[Shown, ...]:
    """Hold the finished slate against the policy once more, and drop what breaks it.

    Arranging only takes from what passed before, so nothing is dropped today; this is what keeps
    a later stage from quietly undoing an earlier one. It fails closed: an empty slot beats a
    breach.
    """
    return tuple(one for one in shown if one.sku not in shelf.sold_out and one.sku not in visit)


def _suppressed(here: PlacementShelf, visit: Mapping[str, Rule]) -> Mapping[str, tuple[str, ...]]:
    own: dict[str, list[str]] = {}
    for sku, rule in visit.items():
        if rule not in UNRECORDED:
            own.setdefault(rule.value, []).append(sku)
    if not own:
        return here.suppressed
    return {**here.suppressed, **{rule: tuple(skus) for rule, skus in own.items()}}
