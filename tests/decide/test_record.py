"""A recorded decision can be decided again, byte for byte, and holds no allergen."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.catalog.allergens import Allergen
from edge.catalog.site import Site
from edge.core.errors import ContractError
from edge.decide.candidates import Candidates
from edge.decide.decide import Decision, decide
from edge.decide.record import Place, body, candidate_bytes, replay, slate_bytes
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked
from tests.fakes import shop

PLACE = Place(site_id="corner-cafe", device_id="kiosk-a", surface="kiosk")


def decided(asked: Asked, decision_id: str = "decision-1") -> Decision:
    return decide(decision_id, asked, stock_shelf(shop.corner(), shop.context(), frozenset()))


@given(
    decision_id=st.text(min_size=1, max_size=20),
    placement=st.sampled_from(["strip", "plain", "nudge"]),
    basket=st.lists(st.sampled_from(["tea", "latte", "salad"]), unique=True, max_size=3),
    avoid=st.frozensets(st.sampled_from(list(Allergen)), max_size=2),
)
def test_replaying_a_recorded_decision_gives_the_same_slate_byte_for_byte(
    decision_id: str, placement: str, basket: list[str], avoid: frozenset[Allergen]
) -> None:
    asked = Asked(placement, "kiosk-1", basket=tuple(basket), avoid=avoid)
    decision = decided(asked, decision_id)

    again = replay(body(decision, PLACE), candidate_bytes(decision), shop.site())

    assert slate_bytes(again) == slate_bytes(decision.slate)


def named_in(written: bytes, candidates: bytes) -> set[str]:
    """Return every product that a record names, but for what everybody is told is left out."""
    facts = orjson.loads(written)
    kept = Candidates.from_bytes(candidates, tuple(facts["part_names"]))
    names = {shop.PRODUCTS[place].sku for place in kept.places}
    return names | set(facts["offers"]) | set(facts["fallback"])


def test_what_a_shopper_cannot_eat_leaves_no_trace_in_the_record() -> None:
    gluten = decided(Asked("strip", "kiosk-1", avoid=frozenset({Allergen.GLUTEN})))
    nothing = decided(Asked("strip", "kiosk-1"))

    shown = {one.sku for one in gluten.slate.shown}
    assert named_in(body(gluten, PLACE), candidate_bytes(gluten)) <= shown
    assert not any(allergen.encode() in body(gluten, PLACE) for allergen in Allergen)
    # The same shop without a filter does name the rest, so the test can see it.
    assert "bun" in named_in(body(nothing, PLACE), candidate_bytes(nothing))


def test_a_record_of_another_catalog_is_refused() -> None:
    decision = decided(Asked("plain", "till-1"))
    other = site_that_changed()

    with pytest.raises(ContractError, match=r"catalog eeeeeeeeeeee.*catalog dddddddddddd"):
        replay(body(decision, PLACE), candidate_bytes(decision), other)


def site_that_changed() -> Site:
    return shop.site().model_copy(update={"digest": "e" * 64})


def test_candidates_come_back_from_their_bytes() -> None:
    found = decided(Asked("plain", "till-1")).arrangement.candidates

    again = Candidates.from_bytes(found.to_bytes(), found.part_names)

    assert again.to_bytes() == found.to_bytes()
    assert again.score.tolist() == found.score.tolist()


def test_cut_off_candidate_bytes_are_refused() -> None:
    found = decided(Asked("plain", "till-1")).arrangement.candidates

    with pytest.raises(ValueError, match="wanted a multiple of 20 bytes"):
        Candidates.from_bytes(found.to_bytes()[:-3], found.part_names)


def test_two_decisions_draw_differently() -> None:
    morning = shop.context(shop.NOON.replace(hour=8))
    shelf = stock_shelf(shop.corner(), morning, frozenset())
    asked = Asked("strip", "kiosk-1")
    draws = {decide(f"d{n}", asked, shelf).slate.shown[2].sku for n in range(200)}

    assert len(draws) > 1
