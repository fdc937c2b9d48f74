"""The answer to "Why these?" says what the computation had, and nothing else."""

from dataclasses import replace

import pytest

from edge.decide.values import Reason, Shown, Slate
from edge.web.kiosk.why import REASONS, Used, why
from tests.fakes.services import harbour_kitchen


def slate(
    *parts: dict[str, float], reason: Reason = Reason.TIME_OF_DAY, degraded: str | None = None
) -> Slate:
    shown = tuple(
        Shown(
            slot=slot,
            offer_id="product:latte",
            sku="latte",
            score=sum(part.values()),
            parts=part,
            reason=reason,
            propensity=1.0,
            is_explored=reason is Reason.SOMETHING_DIFFERENT,
        )
        for slot, part in enumerate(parts)
    )
    return Slate("d1", "kiosk-strip", shown, "fake", degraded)


def used(found: Slate, *, has_filter: bool = False, has_fewer: bool = False) -> tuple[Used, ...]:
    return why(harbour_kitchen(), found, has_filter=has_filter, has_fewer=has_fewer).used


def test_every_part_that_moved_a_score_is_named() -> None:
    assert used(slate({"moment": 0.5, "trend": 0.0, "basket": 1.0})) == (Used.HOUR, Used.BASKET)


def test_a_part_that_was_zero_for_all_is_not_named() -> None:
    assert Used.TASTES not in used(slate({"moment": 0.5, "history": 0.0}))


def test_a_degraded_row_claims_no_hour_and_no_basket() -> None:
    found = slate({"moment": 9.0}, reason=Reason.POPULAR_HERE, degraded="no model")

    assert used(found) == (Used.COUNTS,)


def test_allergens_and_wishes_are_named_when_they_left_things_out() -> None:
    found = used(slate({"moment": 1.0}), has_filter=True, has_fewer=True)

    assert found == (Used.HOUR, Used.ALLERGENS, Used.FEWER)


@pytest.mark.parametrize(
    ("offer_id", "is_sponsored", "named"),
    [
        ("staff-pick", False, Used.TEAM),
        ("over-ice", False, Used.WEATHER),
        ("cocoa-partner", True, Used.SUPPLIER),
    ],
)
def test_a_priority_is_named_also_where_it_is_not_the_main_reason(
    offer_id: str, is_sponsored: bool, named: Used
) -> None:
    (plain,) = slate({"moment": 1.0, "offer": 0.4}).shown
    raised = replace(plain, offer_id=offer_id, is_sponsored=is_sponsored)

    assert used(Slate("d1", "kiosk-strip", (raised,), "fake", None)) == tuple(
        one for one in Used if one in {Used.HOUR, named}
    )


def test_chance_is_named_when_a_slot_was_drawn() -> None:
    assert Used.CHANCE in used(slate({"moment": 1.0}, reason=Reason.SOMETHING_DIFFERENT))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_something_that_was_used(reason: Reason) -> None:
    assert REASONS[reason] in used(slate({}, reason=reason))
