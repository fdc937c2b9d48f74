"""A model that loads and answers nonsense is reported, and nothing of it is shown."""

from dataclasses import replace

import numpy as np
import pytest

from edge.core.errors import ModelContractError
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked
from edge.recommend.ranker import Ranking, RankRequest
from tests.fakes import shop

PLAIN = Asked("plain", "till-1")


def skus(decision: Decision) -> list[str]:
    return [one.sku for one in decision.slate.shown]


def test_an_item_the_shop_does_not_sell_is_never_shown() -> None:
    ranker = shop.TableRanker({"ghost": 9.0, "tea": 1.0}, items=("ghost", "tea"))
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())

    assert skus(decide("d", PLAIN, shelf)) == ["tea"]


class NotANumber:
    """A broken model: its scores are NaN."""

    name = "broken"
    digest = "broken"
    part_names = ("moment",)

    def rank(self, request: RankRequest) -> Ranking:
        size = len(request.available)
        return Ranking(
            np.arange(size, dtype=np.int64),
            np.full(size, np.nan, dtype=np.float32),
            np.full((size, 1), np.nan, dtype=np.float32),
            self.part_names,
        )


def test_a_model_that_answers_no_number_is_reported_and_not_shown() -> None:
    broken = bundle(shop.site(), Scoring(NotANumber(), shop.trend_as_base, shop.ITEMS))
    shelf = stock_shelf(broken, shop.context(), frozenset())

    with pytest.raises(ModelContractError, match="wanted finite scores"):
        decide("d", PLAIN, shelf)


class RanksWhatIsNotThere(shop.TableRanker):
    """A broken model: it does not look at what is available."""

    def rank(self, request: RankRequest) -> Ranking:
        return super().rank(replace(request, available=np.ones_like(request.available)))


class RanksWhatIsExcluded(shop.TableRanker):
    """A broken model: it does not look at what the visit rules out."""

    def rank(self, request: RankRequest) -> Ranking:
        return super().rank(replace(request, exclude=request.exclude[:0]))


@pytest.mark.parametrize("broken", [RanksWhatIsNotThere, RanksWhatIsExcluded])
def test_a_model_that_answers_what_it_was_not_to_rank_is_reported_and_not_shown(
    broken: type[shop.TableRanker],
) -> None:
    shelf = stock_shelf(shop.corner(broken(shop.MOMENT)), shop.context(), frozenset())

    with pytest.raises(ModelContractError, match="only items that were to be ranked"):
        decide("d", replace(PLAIN, basket=("latte",)), shelf)
