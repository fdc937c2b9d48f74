"""Models that load and then answer nonsense: screens go on by counts, and never show it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from edge.app.load_model import load_scoring, popularity
from edge.app.rankers import Rankers
from edge.app.serve_placement import Recording, ServePlacement
from edge.app.shelves import Shelves
from edge.app.shop_state import ShopState
from edge.catalog.allergens import Allergen
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import ModelContractError
from edge.decide.bundle import bundle
from edge.decide.values import Asked, Slate
from edge.recommend.features import Floats
from edge.recommend.ranker import Ranker, Ranking, RankRequest
from tests.fakes.appliance import LUNCH_AT, ROOT, appliance

Damage = Callable[[Ranking], Ranking]
ASKED = Asked("kiosk-strip", "kiosk-1", avoid=frozenset({Allergen.GLUTEN}), basket=("latte",))


@dataclass
class Damaged:
    """A ranker whose answers are damaged from its hundredth on."""

    whole: Ranker
    damage: Damage
    asked: int = 0
    name: str = "damaged"
    digest: str = "damaged"

    @property
    def part_names(self) -> tuple[str, ...]:
        return self.whole.part_names

    def rank(self, request: RankRequest) -> Ranking:
        self.asked += 1
        found = self.whole.rank(request)
        return self.damage(found) if self.asked >= 100 else found


def everything(found: Ranking) -> Ranking:
    """Rank all items there are, as a graph does that lost its mask."""
    score = np.arange(54, 0, -1, dtype=np.float32)
    parts = np.zeros((54, found.parts.shape[1]), dtype=np.float32)
    return replace(found, items=np.arange(54), score=score, parts=parts)


DAMAGES: dict[str, Damage] = {
    "scores are no numbers": lambda r: replace(r, score=r.score * np.nan),
    "parts are no numbers": lambda r: replace(r, parts=r.parts * np.nan),
    "items beyond the catalog": lambda r: replace(r, items=r.items + 1000),
    "items before it": lambda r: replace(r, items=r.items - 1000),
    "one item over and over": lambda r: replace(r, items=r.items * 0 + r.items[0]),
    "what may not be shown": everything,
}


def served(tmp_path: Path, rankers: Rankers, asked: list[Asked]) -> list[Slate]:
    """Serve ``asked`` from eight threads at once."""
    with appliance(tmp_path) as built:
        state = ShopState(built.services.site(), lambda _start, _end: [])
        recording = Recording(
            record=built.store.record_decision,
            events=lambda _decision, _place, _at: (),
            site_id="harbour-kitchen",
            device_id="kiosk-a",
            clock=SettableClock(LUNCH_AT),
            chance=system_chance,
        )
        serve = ServePlacement(Shelves(state, rankers.now), rankers, recording)
        with ThreadPoolExecutor(8) as kiosks:
            return list(kiosks.map(serve, asked))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_model_that_breaks_under_load_is_given_up_and_no_shopper_notices(
    tmp_path: Path, damage: Damage
) -> None:
    with appliance(tmp_path) as built:
        site = built.services.site()
    scoring = load_scoring(ROOT / "models/factory", site, {})
    broken = replace(scoring, ranker=Damaged(scoring.ranker, damage))
    rankers = Rankers(
        bundle(site, broken), lambda why: bundle(site, popularity(site, {"tea-green": 9}, why=why))
    )

    slates = served(tmp_path, rankers, [ASKED] * 300)

    assert Counter(len({one.sku for one in slate.shown}) for slate in slates) == {3: 300}
    assert slates[-1].ranker == "popularity"
    assert slates[-1].degraded
    for slate in slates:
        for one in slate.shown:
            product = site.product(one.sku)
            assert product
            assert Allergen.GLUTEN not in (product.allergens or ())


def test_a_base_graph_that_fails_is_given_up_too(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        site = built.services.site()

    def failing(_context: Floats, _trend: Floats) -> Floats:
        msg = "base: expected the graph to run, got nothing"
        raise ModelContractError(msg)

    scoring = replace(load_scoring(ROOT / "models/factory", site, {}), base=failing)
    rankers = Rankers(
        bundle(site, scoring), lambda why: bundle(site, popularity(site, {}, why=why))
    )

    (slate,) = served(tmp_path, rankers, [ASKED])
    assert (slate.ranker, len(slate.shown)) == ("popularity", 3)
