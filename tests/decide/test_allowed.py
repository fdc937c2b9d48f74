"""A fact without its consent is not there, and a screen gets no more than it may use."""

import pytest

from edge.decide.allowed import allowed
from edge.decide.values import Basis, Bought
from edge.policy.recognition import PUBLICITY
from tests.fakes.dice import Dice
from tests.fakes.regular import BASIS, PHONE, regular, somebody

EVERYTHING = regular(
    Bought("tea", 1.0, 1), starred=("bun",), muted=("salad",), less=("drink",), surprise="more"
)
TASTES, ORDERS = BASIS


def test_nobody_stays_nobody() -> None:
    assert allowed(None, "kiosk") is None


@pytest.mark.parametrize("surface", ["signage", "window", ""])
def test_a_public_or_unknown_surface_knows_nobody(surface: str) -> None:
    assert allowed(EVERYTHING, surface) is None


def test_without_the_consent_for_past_orders_nothing_bought_is_used() -> None:
    cut = allowed(regular(Bought("tea", 1.0, 1), starred=("bun",), basis=(TASTES,)), "kiosk")

    assert cut == regular(starred=("bun",), basis=(TASTES,))


def test_without_the_consent_for_tastes_no_wish_is_used() -> None:
    cut = allowed(
        regular(
            Bought("tea", 1.0, 1),
            starred=("bun",),
            muted=("salad",),
            less=("drink",),
            surprise="none",
            basis=(ORDERS,),
        ),
        "kiosk",
    )

    assert cut == regular(Bought("tea", 1.0, 1), basis=(ORDERS,))


@pytest.mark.parametrize("basis", [(), (PHONE,)])
def test_without_a_consent_that_this_screen_needs_the_visitor_is_anonymous(
    basis: tuple[Basis, ...],
) -> None:
    assert allowed(regular(Bought("tea", 1.0, 1), starred=("bun",), basis=basis), "kiosk") is None


def test_a_more_public_surface_never_gets_more() -> None:
    dice = Dice("publicity")
    for _ in range(500):
        who = somebody(dice)
        here, there = dice.choices(sorted(PUBLICITY), 2)
        if PUBLICITY[here] > PUBLICITY[there]:
            here, there = there, here
        less_public, more_public = allowed(who, here), allowed(who, there)
        if more_public is None:
            continue
        assert less_public is not None
        assert set(more_public.basis) <= set(less_public.basis)
        assert set(more_public.bought) <= set(less_public.bought)
        assert more_public.starred <= less_public.starred
