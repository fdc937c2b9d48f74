"""How much two categories belong together, in the shop's own baskets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.policy.linkage import counted, linkage_of, npmi

BASKETS = [["coffee", "cake"]] * 30 + [["coffee"]] * 30 + [["tea"]] * 30 + [["cake"]] * 10


def test_what_is_bought_together_more_than_chance_has_it_is_linked() -> None:
    linkage = linkage_of(counted(BASKETS))

    # p(both) = 0.3, p(coffee) = 0.6, p(cake) = 0.4
    assert linkage("coffee", "cake") == pytest.approx(math.log(0.3 / 0.24) / -math.log(0.3))
    assert linkage("cake", "coffee") == linkage("coffee", "cake")
    assert linkage("coffee", "tea") == -1
    assert linkage("tea", "tea") == 1


def test_what_is_always_together_is_fully_linked_and_what_is_independent_not_at_all() -> None:
    always = counted([["a", "b"]] * 25 + [["c"]] * 25)
    everywhere = counted([["a", "b"]] * 25)
    by_chance = counted([["a", "b"], ["a"], ["b"], []] * 25 + [["c"]] * 25)

    assert npmi(always, "a", "b") == pytest.approx(1)
    assert npmi(everywhere, "a", "b") == 1
    assert npmi(by_chance, "a", "b") == pytest.approx(0)


def test_with_too_few_baskets_the_link_is_unknown() -> None:
    few = counted([["coffee", "cake"]] * 19 + [["coffee"]])

    assert linkage_of(few)("coffee", "cake") is None
    assert linkage_of(few, least=19)("coffee", "cake") is not None
    assert linkage_of(counted([]))("coffee", "cake") is None


def test_a_category_counts_once_per_basket() -> None:
    assert counted([["tea", "tea", "cake"]]) == counted([["cake", "tea"]])


@given(st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1, max_size=40))
def test_the_link_lies_between_minus_one_and_one(baskets: list[set[str]]) -> None:
    linkage = linkage_of(counted(baskets), least=1)

    for one in "abc":
        for other in "abc":
            strength = linkage(one, other)
            assert strength is None or -1 <= strength <= 1 + 1e-12
