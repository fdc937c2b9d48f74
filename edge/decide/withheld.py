"""Policies and caps over the candidates: what they leave out is no candidate any more.

An offer that may not be shown takes nothing of its product with it: the product stays as itself,
without the offer's words and priority, if it may. Caps are asked here and not after arbitration,
because an offer that was shown often enough may lend its priority to nothing.

What is left out for what a person did or said is counted and never named: a list of it would be
a list of their life.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.decide.candidates import Candidates
from edge.decide.considered import Behind, considered
from edge.decide.judges import Judges, objections
from edge.policy.scene import Considered, Fact, Suppression

MOST_NAMED: Final = 50
"""Of what one rule leaves out, a record names so many: it is kept for every decision."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown as far as policies and caps say."""

    candidates: Candidates
    offers: Mapping[str, Offer]  # sku -> the offer that proposes it
    judged: Mapping[str, Considered] = field(repr=False)
    """Sku -> what policies looked at, where that was more than the product alone."""
    suppressed: Mapping[str, tuple[str, ...]]  # rule -> ids that it left out
    counts: Mapping[str, int]  # rule -> how many it left out

    @property
    def personal(self) -> frozenset[str]:
        """Skus that were chosen for one person."""
        return frozenset(sku for sku, one in self.judged.items() if one.is_personal)


def kept(
    found: Candidates, offers: Mapping[str, Offer], behind: Behind | None, judges: Judges
) -> Kept:
    """Return the candidates and offers that no policy objects to."""
    work = _Work(found, offers, behind, judges)
    special = list(work.special())
    out = {rank for rank, product, offer, facts in special if work.judge(product, offer, facts)}
    out |= work.plain_objections({rank for rank, *_ in special})
    ranks = np.array([n for n in range(len(found)) if n not in out], dtype=np.int64)
    return Kept(
        candidates=found.only(ranks) if out else found,
        offers=work.offers,
        judged=work.judged,
        suppressed={rule: tuple(ids[:MOST_NAMED]) for rule, ids in work.named.items()},
        counts=work.counts,
    )


class _Work:
    """One pass over the candidates."""

    def __init__(
        self,
        found: Candidates,
        offers: Mapping[str, Offer],
        behind: Behind | None,
        judges: Judges,
    ) -> None:
        self.offers = dict(offers)
        self.judged: dict[str, Considered] = {}
        self.named: dict[str, list[str]] = {}
        self.counts: Counter[str] = Counter()
        self._products = judges.bundle.site.products
        self._personal = behind.parts if behind else {}
        self._found, self._behind, self._judges = found, behind, judges

    def plain_objections(self, judged: AbstractSet[int]) -> set[int]:
        """Return the ranks of plain products, none of ``judged``, that may not be shown here."""
        found = objections(self._found.places, self._judges)
        for rank, why in found.items():
            if rank not in judged:
                self._leave_out(why, self._products[self._found.places[rank]].sku)
        return found.keys() - judged

    def special(self) -> Iterator[tuple[int, Product, Offer | None, tuple[Fact, ...]]]:
        """Yield what is more than a product: an offer proposes it, or a fact is behind it."""
        personal = self._personal
        if not personal and not self.offers:
            return
        places = self._found.places.tolist()
        rank_of = {place: rank for rank, place in enumerate(places)}
        place_of = self._judges.bundle.place_of
        offered = (rank_of.get(place_of[sku]) for sku in self.offers)
        for rank in sorted(personal.keys() | {rank for rank in offered if rank is not None}):
            product = self._products[places[rank]]
            offer, part = self.offers.get(product.sku), personal.get(rank)
            facts = self._behind.facts(product, part) if self._behind and part else ()
            yield rank, product, offer, facts

    def judge(self, product: Product, offer: Offer | None, facts: tuple[Fact, ...]) -> bool:
        """Return whether the product goes; an offer alone may go as well."""
        familiarity = self._judges.bundle.familiarity
        for proposes in (offer, None) if offer else (None,):
            one = considered(product, proposes, facts, familiarity)
            why = self._judges.objection(one)
            if why is None:
                self.judged[product.sku] = one
                return False
            self._leave_out(why, one.offer_id if proposes else product.sku)
            self.offers.pop(product.sku, None)
        return True

    def _leave_out(self, why: Suppression, id_: str) -> None:
        self.counts[why.rule] += 1
        ids = self.named.setdefault(why.rule, [])
        if id_ not in ids:
            ids.append(id_)
