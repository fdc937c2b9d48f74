"""The record of a personalised decision: replayed byte for byte, and no list of anybody's life."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.catalog.allergens import Allergen
from edge.decide.candidates import Candidates
from edge.decide.decide import Decision, decide
from edge.decide.explanation import explain
from edge.decide.record import Place, body, candidate_bytes, replay, slate_bytes
from edge.decide.values import Asked, Bought, Recognised
from edge.decide.wishes import WEIGHTS
from edge.identity.profile import Surprise
from tests.fakes import shop
from tests.fakes.regular import PLACEMENTS, decided, regular, shelf

PLACE = Place("corner-cafe", "kiosk-a", "kiosk")
SITE = shop.site(placements=PLACEMENTS)
SKUS = st.sampled_from(shop.ITEMS)
CATEGORIES = st.frozensets(st.sampled_from(["drink", "scone", "salad"]), max_size=1)
ROWS = st.sampled_from([p.id for p in PLACEMENTS if p.surface != "signage"])
WHO = st.builds(
    lambda bought, starred, muted, less, surprise: Recognised(
        regular().basis, tuple(bought), starred, muted, less, surprise
    ),
    st.lists(st.builds(Bought, SKUS, st.floats(0, 90), st.integers(1, 4)), max_size=5),
    st.frozensets(SKUS, max_size=2),
    CATEGORIES,
    CATEGORIES,
    st.sampled_from(["more", "usual", "none"]),
)


@given(
    row=ROWS,
    who=WHO,
    decision_id=st.text(min_size=1, max_size=20),
    basket=st.lists(st.sampled_from(["tea", "latte"]), unique=True, max_size=2),
    avoid=st.frozensets(st.sampled_from(list(Allergen)), max_size=1),
)
def test_a_personalised_decision_is_replayed_byte_for_byte(
    row: str,
    who: Recognised,
    decision_id: str,
    basket: list[str],
    avoid: frozenset[Allergen],
) -> None:
    asked = Asked(row, "kiosk-1", "v", basket=tuple(basket), avoid=avoid, recognised=who)
    decision = decide(decision_id, asked, shelf())

    again = replay(body(decision, PLACE), candidate_bytes(decision), SITE)

    assert slate_bytes(again) == slate_bytes(decision.slate)


@given(row=ROWS, who=WHO)
def test_its_record_names_only_what_was_shown_and_what_everybody_is_told(
    row: str, who: Recognised
) -> None:
    named, shown = names_in(decided(row, who))
    everybody, _ = names_in(decided(row, regular()))

    assert named <= shown | everybody


def names_in(decision: Decision) -> tuple[set[str], set[str]]:
    """Return every product that the record names, and what was shown."""
    written = body(decision, PLACE)
    facts: dict[str, Any] = orjson.loads(written)
    kept = Candidates.from_bytes(candidate_bytes(decision), tuple(facts["part_names"]))
    named = {shop.PRODUCTS[place].sku for place in kept.places}
    named |= {sku for sku in shop.ITEMS if f'"{sku}"'.encode() in written}
    return named, {one.sku for one in decision.slate.shown}


def test_consents_and_what_a_reason_came_from_are_in_no_record() -> None:
    decision = decided("tastes", regular(Bought("latte", 1.0, 2)))
    written = body(decision, PLACE)

    assert decision.slate.because == {"scone": "latte"}
    assert b"latte" not in written
    assert not any(one.record_id.encode() in written for one in decision.basis)


def test_a_drawn_slot_of_a_personalised_row_is_recorded_as_it_fell() -> None:
    decision = decided("strip", regular(Bought("latte", 1.0, 2)))
    wild = next(one for one in decision.slate.shown if one.is_explored)
    facts = orjson.loads(body(decision, PLACE))

    assert facts["drawn"] == [wild.sku, wild.propensity]


@pytest.mark.parametrize(
    ("row", "surprise"),
    [
        ("strip", "none"),
        ("nudge", "usual"),
        ("usual", "more"),
        ("tastes", "usual"),
        ("new", "more"),
    ],
)
def test_a_record_without_a_draw_does_not_say_why_there_was_none(
    row: str, surprise: Surprise
) -> None:
    """An allergen filter, no wish for surprises, or a row that never draws: all look alike."""
    known = regular(Bought("latte", 1.0, 2), surprise=surprise)
    plain = Asked(row, "kiosk-1", "v", basket=("latte",), recognised=known)
    filtered = replace(plain, avoid=frozenset({Allergen.FISH}))  # nothing here has fish
    without, filtering = (decide("d", asked, shelf()) for asked in (plain, filtered))

    assert body(without, PLACE) == body(filtering, PLACE)
    assert candidate_bytes(without) == candidate_bytes(filtering)


def test_the_weights_of_what_they_told_us_are_in_the_explanation() -> None:
    decision = decided("strip", regular(starred=("bun",)))
    anonymous = decided("strip", None)

    found = explain(body(decision, PLACE), candidate_bytes(decision), SITE)

    assert found["weights"] == dict(WEIGHTS)
    assert found["replay"] == "identical"
    assert explain(body(anonymous, PLACE), candidate_bytes(anonymous), SITE)["weights"] is None
