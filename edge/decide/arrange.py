"""From ordered candidates to a slate: spread, leave no dead end, explore, explain.

Pure and self-contained: a record keeps exactly these arguments, and a replay that passes them
again gets the same slate, byte for byte.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.product import Product
from edge.core.chance import draws
from edge.decide.candidates import Candidates
from edge.decide.dead_end import opened
from edge.decide.reasons import is_for_basket, reason_for, reason_in_personal_row
from edge.decide.slots import Picks, around, interleaved
from edge.decide.templates import NOTHING_OWN, Sayable, explanation_of
from edge.decide.values import Reason, Shown
from edge.decide.wild_card import learned_rewards_of, pool_of, rewards_of
from edge.experiment.squarecb import draw

VERSION: Final = 2
"""Of the rules below. What an older version recorded is arranged by its own rules again."""

MOST_SLOTS: Final = 50


@dataclass(frozen=True, slots=True)
class Exploration:
    """How chance is used; ``gamma`` and ``floor`` as in ``edge.experiment.squarecb``."""

    gamma: float = 400.0
    floor: float = 0.05


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Everything a slate is arranged from."""

    decision_id: str
    placement: Placement
    products: Sequence[Product]  # site.products: candidates name places in it
    candidates: Candidates
    offers: Mapping[str, Offer]  # sku -> the offer that proposes it
    fallback: tuple[str, ...]  # skus
    calibration: tuple[float, float] | None
    exploration: Exploration
    may_explore: bool
    """False where no slot may be drawn: the shopper filters allergens, or wants no surprises."""
    drawn: tuple[str, float] | None = None
    """In a replay, the sku and propensity of the draw, where the record has no whole pool."""
    picks: Picks = ()
    """Slots that strategies filled; the rest of the row is arranged around them."""
    is_settled: bool = False
    """In a replay, whether the candidates are the row itself, in its order."""
    sayable: Sayable = NOTHING_OWN
    personal: frozenset[str] = field(default=frozenset(), repr=False)
    """Skus that were chosen for one person: never drawn by chance, and never in a replay, which
    has a recognised customer's row settled."""
    most_personal: int = MOST_SLOTS
    adjusted: Mapping[int, float] = field(default_factory=dict)
    """Place in the catalog -> what was learned here, added to its predicted reward."""
    version: int = VERSION

    @property
    def explores(self) -> bool:
        """Whether one slot is drawn."""
        here = self.placement
        return self.may_explore and here.explore_slot is not None and not here.personal


@dataclass(frozen=True, slots=True)
class _Option:
    """A candidate with what arranging needs."""

    rank: int
    product: Product
    score: float
    parts: Mapping[str, float]
    offer: Offer | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A candidate that a draw fell on."""

    rank: int
    place: int
    propensity: float


def arrange(given: Arrangement) -> tuple[Shown, ...]:
    """Return the filled slots, 0 first; the fallback offers fill what nothing speaks for.

    A nudge (``needs_basket``) shows only what the basket is the reason for, and nothing is a
    valid answer.
    """
    if given.picks:
        return interleaved(arrange(_left_by(given)), given.picks)
    placement = given.placement
    explores = given.explores
    greedy = placement.slots - (1 if explores else 0)
    chosen = _settled(given, greedy) if given.is_settled else _chosen(given, greedy)
    row = [_shown(given, slot, option) for slot, option in enumerate(chosen)]
    if explores and len(row) == greedy:
        row = _with_wild_card(given, chosen, row)
    if not placement.needs_basket:
        row += _fallback(given, row)
    return tuple(row)


def _left_by(given: Arrangement) -> Arrangement:
    """Return what is to be arranged around the strategies' slots."""
    placement, found = around(given.picks, given.placement, given.candidates, given.products)
    taken = {one.sku for one in given.picks}
    rest = tuple(sku for sku in given.fallback if sku not in taken)
    return replace(given, placement=placement, candidates=found, fallback=rest, picks=())


def _options(given: Arrangement) -> Iterable[_Option]:
    """Yield the candidates lazily, best first: a row of three looks at a handful."""
    for rank, place in enumerate(given.candidates.places.tolist()):
        yield _option(given, rank, place)


def _option(given: Arrangement, rank: int, place: int) -> _Option:
    found = given.candidates
    product = given.products[place]
    parts = dict(zip(found.part_names, found.parts[rank].tolist(), strict=True))
    offer = given.offers.get(product.sku)
    score = float(found.score[rank])
    row = given.placement.personal
    reason = reason_in_personal_row(row, parts) if row else reason_for(parts, offer)
    return _Option(rank, product, score, parts, offer, reason)


def _chosen(given: Arrangement, slots: int) -> list[_Option]:
    chosen = _spread(_options(given), slots, given)
    if given.version < 2:
        return chosen

    def others() -> list[_Option]:
        taken = {option.rank for option in chosen}
        # What is personal may be too much of it; what opens a row is for everybody.
        barred = () if given.placement.personal else given.personal
        rest = (one for one in _options(given) if one.rank not in taken)
        fresh = (one for one in rest if one.product.sku not in barred)
        return [one for one in fresh if _speaks(one, given.placement)]

    return opened(chosen, others)


def _settled(given: Arrangement, slots: int) -> list[_Option]:
    drawn = given.drawn[0] if given.drawn else None
    return [one for one in _options(given) if one.product.sku != drawn][:slots]


def _speaks(option: _Option, placement: Placement) -> bool:
    """Return whether there is a reason to show it here."""
    if option.reason is None:
        return False
    return not placement.needs_basket or is_for_basket(option.reason, option.parts)


def _spread(options: Iterable[_Option], slots: int, given: Arrangement) -> list[_Option]:
    """Take the best with a reason, at most ``placement.spread`` of one category.

    When the categories run out, the best of those passed over fill the row: a full row of one
    kind beats a short one. Of what was chosen for one person it takes as many as it may.
    """
    placement, personal = given.placement, 0
    chosen: list[_Option] = []
    passed_over: list[_Option] = []
    per_category: Counter[str] = Counter()
    for option in options:
        if len(chosen) >= slots:
            break
        if not _speaks(option, placement):
            continue
        is_personal = option.product.sku in given.personal
        if is_personal and personal >= given.most_personal:
            continue
        personal += is_personal  # also where it is passed over: it may come back
        if placement.spread and per_category[option.product.category] >= placement.spread:
            passed_over.append(option)
            continue
        per_category[option.product.category] += 1
        chosen.append(option)
    return chosen + passed_over[: slots - len(chosen)]


def _with_wild_card(given: Arrangement, chosen: Sequence[_Option], row: list[Shown]) -> list[Shown]:
    """Put a drawn candidate into the explore slot, from a category not in the row if any."""
    drawn = _recorded_draw(given) if given.drawn else _draw(given, chosen)
    if drawn is None:
        return row
    slot = min(given.placement.explore_slot or 0, len(row))
    wild = _shown(given, slot, _option(given, drawn.rank, drawn.place), wild=drawn.propensity)
    after = [replace(one, slot=slot + 1 + n) for n, one in enumerate(row[slot:])]
    return [*row[:slot], wild, *after]


def _draw(given: Arrangement, chosen: Sequence[_Option]) -> _Drawn | None:
    pool = pool_of(
        given.candidates.places.tolist(),
        given.products,
        taken={option.rank for option in chosen},
        categories={option.product.category for option in chosen},
        barred=_barred(given),
    )
    if not pool:
        return None
    (number,) = draws(given.decision_id, 1)
    rule, rewards = given.exploration, rewards_of(pool, given.candidates.score, given.calibration)
    if given.adjusted:
        rewards = learned_rewards_of(rewards, pool, given.adjusted)
    found = draw(rewards, gamma=rule.gamma, floor=rule.floor, at=number)
    return _Drawn(*pool[found.index], found.propensity)


def _barred(given: Arrangement) -> frozenset[str]:
    """Return what chance must not bring up: the sensitive, the personal, and the service's own."""
    offers = given.offers.items()
    never = (sku for sku, one in offers if one.sensitivity != "none" or _serves(one))
    return given.personal.union(never)


def _serves(offer: Offer) -> bool:
    return offer.taxonomy.intent != "sell"


def _recorded_draw(given: Arrangement) -> _Drawn | None:
    assert given.drawn is not None
    sku, propensity = given.drawn
    for rank, place in enumerate(given.candidates.places.tolist()):
        if given.products[place].sku == sku:
            return _Drawn(rank, place, propensity)
    return None


def _shown(given: Arrangement, slot: int, option: _Option, *, wild: float | None = None) -> Shown:
    reason = Reason.SOMETHING_DIFFERENT if wild is not None else option.reason
    assert reason is not None
    return Shown(
        slot=slot,
        offer_id=option.offer.offer if option.offer else f"product:{option.product.sku}",
        sku=option.product.sku,
        score=option.score,
        parts=option.parts,
        reason=reason,
        propensity=1.0 if wild is None else wild,
        is_explored=wild is not None,
        is_sponsored=option.offer is not None and option.offer.sponsored,
        explanation=explanation_of(reason, option.parts, option.offer, given.sayable),
    )


def _fallback(given: Arrangement, row: Sequence[Shown]) -> list[Shown]:
    """Return the placement's own offers for the slots left: nothing was computed, and it says so."""
    taken = {one.sku for one in row}
    rest = [sku for sku in given.fallback if sku not in taken]
    return [
        Shown(
            slot=len(row) + number,
            offer_id=f"product:{sku}",
            sku=sku,
            score=0.0,
            parts={},
            reason=Reason.HOUSE_FAVOURITE,
            propensity=1.0,
        )
        for number, sku in enumerate(rest[: given.placement.slots - len(row)])
    ]
