"""The scoring stage: from what may be shown to candidates, best first, each with its parts.

A recognised customer's purchases are the model's history, and their wishes are parts of their
own. In the rows of what goes with their taste, each product they like is asked for alone, as a
basket of one, and a candidate keeps the best answer: what goes with either of two drinks is on
no ticket with both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.placement import PersonalRow
from edge.decide.bundle import Bundle
from edge.decide.candidates import MAX_CANDIDATES, Candidates
from edge.decide.checked import ranked
from edge.decide.history import NO_AGES, NO_ITEMS, favourites, history
from edge.decide.reasons import BASKET_PART, TASTES_PART
from edge.decide.shelf import PlacementShelf, Shelf
from edge.decide.values import Recognised
from edge.decide.wishes import with_surprises, with_wishes
from edge.identity.consent import Purpose
from edge.policy.eligibility import Rule
from edge.recommend.ranker import Ranking, RankRequest

MOST_OFFERED: Final = 100
"""Of all candidates, so many at most are there for an offer alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be scored, and for whom."""

    shelf: Shelf
    here: PlacementShelf
    basket: tuple[str, ...]
    left_out: Mapping[str, Rule]  # sku -> why this visit leaves it out
    recognised: Recognised | None
    row: PersonalRow | None
    offered: frozenset[str] = frozenset()
    """Skus that an offer may lift: candidates, however low the model ranks them."""

    @property
    def bundle(self) -> Bundle:
        """The catalog and its ranker."""
        return self.shelf.bundle


@dataclass(frozen=True, slots=True)
class Scored:
    """The candidates; ``because`` is sku -> the liked product that its taste came from."""

    candidates: Candidates
    because: Mapping[str, str]


def score(asked: Question) -> Scored:
    """Return what may be shown, scored.

    Raises:
        ModelContractError: The ranker gave a score that is not a number, or an item that may not
            be shown.
    """
    known = asked.recognised
    if known is None:
        none = Candidates.none(asked.bundle.ranker.part_names)
        return Scored(none if asked.row else _for_basket(asked), {})
    products = asked.bundle.site.products
    if asked.row is None:
        found = with_surprises(_for_basket(asked), known, products)
        return Scored(with_wishes(found, known, products).best_first(), {})
    if asked.row == "usual":
        return Scored(with_wishes(_for_basket(asked), known, products).best_first(), {})
    if asked.row == "new" and all(one.purpose is not Purpose.PAST_ORDERS for one in known.basis):
        # Who does not let us look at what they bought cannot be told that something is new.
        return Scored(Candidates.none(asked.bundle.ranker.part_names), {})
    found, because = _for_tastes(asked, known)
    return Scored(with_wishes(found, known, products).best_first(), because)


def _for_basket(asked: Question) -> Candidates:
    """Rank what goes with the basket, the moment and the customer's purchases."""
    bundle, known = asked.bundle, asked.recognised
    items, ages = history(known.bought, bundle.item_of) if known else (NO_ITEMS, NO_AGES)
    request = RankRequest(
        history=items,
        history_age=ages,
        basket=_items(asked.basket, bundle),
        exclude=_items(asked.left_out, bundle),
        available=_available(asked),
        base=asked.shelf.base,
    )
    found = _with_offered(asked, request, _candidates(asked, ranked(bundle.ranker, request)))
    unscored = [place for place in asked.here.unscored if _may_fill(asked, place)]
    return _with_unscored(found, unscored) if unscored else found


def _with_offered(asked: Question, request: RankRequest, best: Candidates) -> Candidates:
    """Add what an offer may lift and the model ranks below all that it returned."""
    if not asked.offered or len(best) < MAX_CANDIDATES:
        return best  # the model returned all there is
    bundle = asked.bundle
    ranked_already = set(best.places.tolist())
    missing = [sku for sku in asked.offered if bundle.place_of[sku] not in ranked_already]
    only = np.zeros(len(request.available), dtype=np.bool_)
    only[_items(missing, bundle)] = True
    only &= request.available
    if not only.any():
        return best
    more = _candidates(asked, ranked(bundle.ranker, replace(request, available=only)))
    more = more.only(np.arange(min(len(more), MOST_OFFERED)))
    kept = best.only(np.arange(MAX_CANDIDATES - len(more)))
    return Candidates(
        np.concatenate([kept.places, more.places]),
        np.concatenate([kept.score, more.score]),
        np.concatenate([kept.parts, more.parts]),
        kept.part_names,
    )


def _for_tastes(asked: Question, known: Recognised) -> tuple[Candidates, Mapping[str, str]]:
    """Rank what they never bought by what goes best with one of the products they like."""
    bundle = asked.bundle
    muted = {sku for category in known.muted for sku in bundle.of_category.get(category, ())}
    liked = [sku for sku in favourites(known, muted) if sku in bundle.item_of]
    names = bundle.ranker.part_names
    if not liked or BASKET_PART not in names:
        return Candidates.none(names), {}
    request = RankRequest(  # no history: they bought none of these
        history=NO_ITEMS,
        history_age=NO_AGES,
        basket=NO_ITEMS,
        exclude=_items(asked.left_out, bundle),
        available=_available(asked),
        base=asked.shelf.base,
    )
    each = [ranked(bundle.ranker, replace(request, basket=_items([sku], bundle))) for sku in liked]
    of_liked = np.repeat(np.arange(len(liked)), [len(one.items) for one in each])
    items = np.concatenate([one.items for one in each])
    total = np.concatenate([one.score for one in each])
    # Nothing but the basket differs between the answers, so the best score has the best taste.
    order = np.lexsort((items, -total))
    _, first = np.unique(items[order], return_index=True)
    kept = order[np.sort(first)][:MAX_CANDIDATES]
    parts = np.concatenate([one.parts for one in each])[kept]
    renamed = tuple(TASTES_PART if name == BASKET_PART else name for name in names)
    found = Candidates(bundle.position_of[items[kept]], total[kept], parts, renamed)
    skus = (bundle.site.products[place].sku for place in found.places.tolist())
    return found, dict(zip(skus, (liked[n] for n in of_liked[kept].tolist()), strict=True))


def _available(asked: Question) -> NDArray[np.bool_]:
    here = asked.here.available
    if asked.row is None:
        return here
    familiar = np.zeros(len(here), dtype=np.bool_)
    familiar[_items(_familiar(asked), asked.bundle)] = True
    return here & (familiar if asked.row == "usual" else ~familiar)


def _familiar(asked: Question) -> frozenset[str]:
    """Return what the customer bought or starred."""
    known = asked.recognised
    return known.starred.union(one.sku for one in known.bought) if known else frozenset()


def _may_fill(asked: Question, place: int) -> bool:
    """Return whether a product that the model does not know may be in the row."""
    sku = asked.bundle.site.products[place].sku
    return sku not in asked.left_out and (asked.row is None or sku in _familiar(asked))


def _items(skus: Iterable[str], bundle: Bundle) -> NDArray[np.int32]:
    found = [bundle.item_of[sku] for sku in skus if sku in bundle.item_of]
    return np.array(found, dtype=np.int32) if found else NO_ITEMS


def _candidates(asked: Question, ranking: Ranking) -> Candidates:
    places = asked.bundle.position_of[ranking.items]
    return Candidates(places, ranking.score, ranking.parts, ranking.part_names)


def _with_unscored(found: Candidates, unscored: list[int]) -> Candidates:
    """Add what the model does not know, as an average product: score 0, no part."""
    count = min(len(unscored), MAX_CANDIDATES)
    return Candidates(
        np.concatenate([found.places, np.array(unscored[:count], dtype=np.int32)]),
        np.concatenate([found.score, np.zeros(count, dtype=np.float32)]),
        np.concatenate([found.parts, np.zeros((count, found.parts.shape[1]), np.float32)]),
        found.part_names,
    ).best_first()
