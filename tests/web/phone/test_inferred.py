"""The usual is chosen from what was bought for oneself, what was bought on most days first."""

from edge.identity.profile import Purchase
from edge.web.phone.inferred import MOST, usual


def test_what_was_bought_on_most_days_comes_first_however_many_of_it() -> None:
    days = {"tea": (1, 2), "latte": (1, 2, 3), "once": (1,)}
    bought = [Purchase(sku, day, 9 - len(on)) for sku, on in days.items() for day in on]

    assert usual(bought) == (("latte", 3), ("tea", 2), ("once", 1))
    assert len(usual([Purchase(str(n), 1, 1) for n in range(20)])) == MOST


def test_a_gift_is_nobodys_usual() -> None:
    assert usual([Purchase("tea", day, 1, is_gift=True) for day in (1, 2, 3)]) == ()
