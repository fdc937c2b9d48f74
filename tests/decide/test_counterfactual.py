"""What would be shown without past orders is decided again, not told."""

from dataclasses import replace

from edge.decide.counterfactual import Made, without, without_past_orders
from edge.decide.values import Asked, Bought
from tests.fakes.regular import decided, regular, shelf, skus

BUNS = regular(Bought("bun", 0.0, 4))


def test_without_past_orders_the_strip_is_what_it_would_be_with_none() -> None:
    asked = Asked("strip", "kiosk-1", "a-visit", recognised=BUNS)

    found = without_past_orders(Made("decision-1", asked, shelf()))

    assert found == tuple(skus(decided("strip", regular())))
    assert found != tuple(skus(decided("strip", BUNS)))


def test_stars_stay_when_past_orders_go() -> None:
    known = regular(Bought("bun", 0.0, 4), starred=("salad",))
    asked = Asked("usual", "kiosk-1", recognised=known)

    assert without_past_orders(Made("decision-1", asked, shelf())) == ("salad",)


def test_a_row_that_rests_on_past_orders_alone_would_not_be_there() -> None:
    asked = Asked("usual", "kiosk-1", recognised=BUNS)

    assert without_past_orders(Made("decision-1", asked, shelf())) == ()


def test_where_no_past_order_was_used_there_is_nothing_to_compare() -> None:
    for known in (None, regular(starred=("tea",))):
        asked = Asked("strip", "kiosk-1", recognised=known)
        assert without_past_orders(Made("decision-1", asked, shelf())) is None


def test_anything_that_was_used_can_be_taken_away_and_what_was_not_is_none() -> None:
    known = regular(Bought("bun", 1.0, 9), starred=("salad",), muted=("drink",))
    asked = Asked("plain", "till-1", basket=("latte",), recognised=known)
    made = Made("decision-1", asked, shelf())
    nobody = Made("decision-1", replace(asked, recognised=None, basket=()), shelf())

    assert without("stars", made) != without("past_orders", made)
    assert without("basket", made) is not None
    everything = without("everything_personal", made)
    assert everything is not None
    assert not set(everything) & {"tea", "latte"}  # what they never want stays away
    for what in ("past_orders", "stars", "wishes", "basket", "everything_personal"):
        assert without(what, nobody) is None
