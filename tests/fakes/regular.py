"""A regular customer of the corner cafe, and a ranker that knows what a history is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.catalog.placement import Placement
from edge.decide.arrange import Exploration
from edge.decide.bundle import Bundle, Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.values import Asked, Basis, Bought, Recognised
from edge.identity.consent import Purpose
from edge.identity.profile import Surprise
from edge.recommend.ranker import Ranking, RankRequest
from tests.fakes import shop
from tests.fakes.dice import Dice

BASIS: Final = (
    Basis("0b8f3c1e-52d4-4b7a-9c66-1f0a7d2e9b31", Purpose.TASTES),
    Basis("7e4a9d20-c3b1-4f58-8e12-6d5c0b9a3f72", Purpose.PAST_ORDERS),
)
PHONE: Final = Basis("c1d7e5f3-8a96-4e2b-b5d0-3a4f6c8e1b93", Purpose.PHONE_OFFERS)

USUAL: Final = Placement(id="usual", surface="kiosk", slots=3, personal="usual")
TASTES: Final = Placement(id="tastes", surface="kiosk", slots=3, personal="tastes")
NEW: Final = Placement(id="new", surface="kiosk", slots=3, personal="new")
HERO: Final = Placement(id="hero", surface="signage", slots=2, fallback=("tea",))
PLACEMENTS: Final = (shop.STRIP, shop.PLAIN, shop.NUDGE, USUAL, TASTES, NEW, HERO)

PAIRS: Final = {
    ("latte", "scone"): 2.0,  # more than its moment: goes with a latte
    ("latte", "tea"): 0.5,  # less than its moment: new, and close to a latte
    ("bun", "salad"): 1.5,
    ("latte", "salad"): -3.0,  # nobody has a salad with a latte
}


def regular(
    *bought: Bought,
    starred: tuple[str, ...] = (),
    muted: tuple[str, ...] = (),
    less: tuple[str, ...] = (),
    surprise: Surprise = "usual",
    basis: tuple[Basis, ...] = BASIS,
) -> Recognised:
    """Return a recognised customer; ``bought`` is newest first."""
    return Recognised(
        basis=basis,
        bought=bought,
        starred=frozenset(starred),
        muted=frozenset(muted),
        less=frozenset(less),
        surprise=surprise,
    )


def somebody(dice: Dice) -> Recognised:
    """Return a random customer of the corner cafe, with random consents."""
    return regular(
        *(
            Bought(dice.choice(shop.ITEMS), float(dice.below(90)), 1 + dice.below(3))
            for _ in range(dice.below(5))
        ),
        starred=dice.sample(shop.ITEMS, dice.below(3)),
        muted=dice.sample(("drink", "scone", "salad", "other"), dice.choice((0, 0, 1))),
        less=dice.sample(("drink", "scone", "salad"), dice.choice((0, 0, 1))),
        surprise=dice.choice(("usual", "usual", "more", "none")),
        basis=dice.sample((*BASIS, PHONE), dice.below(4)),
    )


@dataclass(frozen=True)
class HistoryRanker:
    """A table of moments and pairs, and one point per purchase that fades with its days."""

    moment: Mapping[str, float] = field(default_factory=lambda: shop.MOMENT)
    pairs: Mapping[tuple[str, str], float] = field(default_factory=lambda: PAIRS)
    items: tuple[str, ...] = shop.ITEMS
    name: str = "history"
    digest: str = "history-1"
    part_names: tuple[str, ...] = ("moment", "trend", "history", "basket")

    def rank(self, request: RankRequest) -> Ranking:
        """Return all items that may be shown, best first, ties by position."""
        parts = np.zeros((len(self.items), 4), dtype=np.float32)
        parts[:, 0] = [self.moment.get(sku, 0.0) for sku in self.items]
        parts[:, 1] = request.base[:, 1]
        np.add.at(parts[:, 2], request.history, np.exp2(-request.history_age / 30))
        for had in (self.items[item] for item in request.basket.tolist()):
            parts[:, 3] += np.array([self.pairs.get((had, s), 0.0) for s in self.items], np.float32)
        score = parts.sum(axis=1, dtype=np.float32)
        shown = request.available.copy()
        shown[request.exclude] = False
        order = np.array(
            sorted(np.flatnonzero(shown).tolist(), key=lambda i: (-score[i], i)), dtype=np.int64
        )
        return Ranking(order, score[order], parts[order], self.part_names)


def corner(ranker: HistoryRanker | None = None) -> Bundle:
    """Return the corner cafe with personal rows and a ranker that knows a history."""
    ranker = ranker or HistoryRanker()
    scoring = Scoring(ranker, shop.trend_as_base, ranker.items)
    return bundle(shop.site(placements=PLACEMENTS), scoring)


def shelf(ranker: HistoryRanker | None = None) -> Shelf:
    """Return what the corner cafe has at lunch time."""
    return stock_shelf(corner(ranker), shop.context(), frozenset())


def decided(
    placement_id: str,
    recognised: Recognised | None,
    *,
    decision_id: str = "decision-1",
    basket: tuple[str, ...] = (),
) -> Decision:
    """Return the decision for a customer at the kiosk."""
    asked = Asked(placement_id, "kiosk-1", "a-visit", basket=basket, recognised=recognised)
    return decide(decision_id, asked, shelf(), Exploration())


def skus(decision: Decision) -> list[str]:
    """Return what is shown, slot by slot."""
    return [one.sku for one in decision.slate.shown]
