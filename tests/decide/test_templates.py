"""The shop's own words are used where they are true, and where the screen is private enough."""

from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.catalog.explanation import Explanation, Need
from edge.catalog.offer import Offer
from edge.decide.templates import Sayable, explanation_of
from edge.decide.values import Reason
from tests.fakes.offers import authored


def said(id_: str, group: str, needs: tuple[str, ...] = (), privacy: str = "public") -> Explanation:
    return Explanation.model_validate(
        {
            "id": f"x.{id_}",
            "lang": {"en": "Because"},
            "group": group,
            "needs": needs,
            "min_privacy": privacy,
        }
    )


ALL: Final = (
    said("hour", "moment"),
    said("weather", "moment", ("weather",)),
    said("trend", "trend"),
    said("basket", "basket", ("basket",)),
    said("bought", "history", ("purchase",), "private"),
    said("liked", "tastes", ("liked",), "semi-private"),
    said("wild", "discovery"),
    said("house", "merchant", ("offer",)),
)
MOMENTS: Final[tuple[Need, ...]] = ("weather", "daypart", "basket")
PARTS: Final = {"moment": 0.2, "trend": 0.5, "history": 2.0, "basket": 0.1}


def chosen(
    reason: Reason,
    publicity: int,
    *met: Need,
    parts: Mapping[str, float] = PARTS,
    offer: Offer | None = None,
) -> str:
    return explanation_of(reason, parts, offer, Sayable(ALL, frozenset(met), publicity))


def test_the_reason_is_said_where_the_screen_is_private_enough_else_the_next_that_spoke_for_it() -> (
    None
):
    assert chosen(Reason.PAST_ORDERS_HERE, 0) == "x.bought"
    assert chosen(Reason.PAST_ORDERS_HERE, 1) == "x.trend"


def test_a_sentence_whose_needs_are_not_met_is_not_said_and_who_needs_more_says_more() -> None:
    assert chosen(Reason.TIME_OF_DAY, 2) == "x.hour"
    assert chosen(Reason.TIME_OF_DAY, 2, "weather") == "x.weather"
    assert chosen(Reason.GOES_WITH_BASKET, 1, parts={"basket": 1.0}) == ""


def test_what_was_drawn_or_paid_for_is_said_as_that_and_as_nothing_else() -> None:
    paid = authored("paid", "tea", sponsored=True, explain="x.hour")

    assert chosen(Reason.SOMETHING_DIFFERENT, 1) == "x.wild"
    assert chosen(Reason.SPONSORED, 1, offer=paid) == ""


def test_an_offers_own_explanation_is_said_where_the_offer_is_the_reason() -> None:
    own = authored("own", "tea", explain="x.weather")

    assert chosen(Reason.HOUSE_FAVOURITE, 2, "weather", offer=own) == "x.weather"
    assert chosen(Reason.HOUSE_FAVOURITE, 2, offer=own) == "x.trend"  # not another offer's words
    assert chosen(Reason.POPULAR_NOW, 2, "weather", offer=own) == "x.trend"


@given(
    reason=st.sampled_from(list(Reason)),
    parts=st.dictionaries(
        st.sampled_from(["moment", "trend", "history", "basket", "tastes", "wishes", "offer"]),
        st.floats(-3, 3),
    ),
    met=st.frozensets(st.sampled_from(MOMENTS)),
)
def test_a_public_screen_speaks_of_nobody_and_every_sentence_is_allowed_where_it_is_said(
    reason: Reason, parts: dict[str, float], met: frozenset[Need]
) -> None:
    by_id = {one.id: one for one in ALL}
    for publicity in (0, 1, 2):
        found = by_id.get(explanation_of(reason, parts, None, Sayable(ALL, met, publicity)))
        if found is None:
            continue
        assert publicity <= {"private": 0, "semi-private": 1, "public": 2}[found.min_privacy]
        if publicity == 2:
            assert found.group not in ("basket", "history", "tastes", "wishes")
        if "purchase" in found.needs:
            assert parts["history"] > 0


@pytest.mark.parametrize("reason", list(Reason))
def test_a_shop_without_words_of_its_own_says_the_sentence_that_ships(reason: Reason) -> None:
    assert explanation_of(reason, PARTS, None, Sayable()) == ""
