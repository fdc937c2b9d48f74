"""What may be used of a customer gets less as more people can look on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.identity.consent import Purpose
from edge.identity.presence import Presented
from edge.policy.recognition import PUBLICITY, permitted

PURPOSES = st.frozensets(st.sampled_from(list(Purpose)))
PRESENTED = st.one_of(st.none(), st.sampled_from(list(Presented)))
SURFACES = sorted(PUBLICITY)


@given(purposes=PURPOSES, presented=PRESENTED)
def test_a_board_uses_nothing_whoever_stands_before_it(
    purposes: frozenset[Purpose], presented: Presented | None
) -> None:
    assert permitted("signage", purposes, presented) == frozenset()


@given(purposes=PURPOSES, presented=PRESENTED)
def test_raising_publicity_never_enlarges_what_is_used(
    purposes: frozenset[Purpose], presented: Presented | None
) -> None:
    for here in SURFACES:
        for more_public in (s for s in SURFACES if PUBLICITY[s] >= PUBLICITY[here]):
            assert permitted(more_public, purposes, presented) <= permitted(
                here, purposes, presented
            )


@given(surface=st.sampled_from(SURFACES), purposes=PURPOSES, presented=PRESENTED)
def test_nothing_is_used_that_was_not_consented_to(
    surface: str, purposes: frozenset[Purpose], presented: Presented | None
) -> None:
    assert permitted(surface, purposes, presented) <= purposes


@given(surface=st.sampled_from(["kiosk", "tablet", "pos"]), purposes=PURPOSES)
def test_a_screen_of_the_shop_uses_nothing_without_a_living_presence(
    surface: str, purposes: frozenset[Purpose]
) -> None:
    assert permitted(surface, purposes, None) == frozenset()


@given(surface=st.text(), purposes=PURPOSES)
def test_an_unknown_surface_uses_nothing(surface: str, purposes: frozenset[Purpose]) -> None:
    if surface not in PUBLICITY:
        assert permitted(surface, purposes, Presented.CODE) == frozenset()


@pytest.mark.parametrize("surface", ["kiosk", "tablet", "pos"])
def test_with_a_presence_a_shops_screen_uses_tastes_and_past_orders(surface: str) -> None:
    found = permitted(surface, frozenset(Purpose), Presented.TAP)

    assert found == {Purpose.TASTES, Purpose.PAST_ORDERS}


def test_offers_for_the_phone_are_used_on_the_phone_alone() -> None:
    assert permitted("phone", frozenset(Purpose), None) == frozenset(Purpose)
