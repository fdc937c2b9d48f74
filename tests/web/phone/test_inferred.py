"""The usual is what was bought again on another day, for oneself."""

from edge.identity.profile import Purchase
from edge.web.phone.inferred import usual


def test_the_usual_is_bought_on_several_days_most_days_first() -> None:
    days = {"tea": (1, 2), "latte": (1, 2, 3), "once": (1,), "bun": (2, 4), "pie": (5, 6)}
    bought = [Purchase(sku, day, 9) for sku, on in days.items() for day in on]

    assert usual(bought) == ("latte", "bun", "pie")


def test_a_gift_is_nobodys_usual() -> None:
    assert usual([Purchase("tea", day, 1, is_gift=day > 1) for day in (1, 2, 3)]) == ()
