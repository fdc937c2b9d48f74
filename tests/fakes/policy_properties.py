"""What must hold of the policies for whatever is asked of them; each answers how often it applied.

The small form runs with all tests, the long one in the soak.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.policy_rules import SHIPPED, PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.catalog.tighten import LoosenedError, tightened
from edge.decide.decide import decide
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked
from edge.policy.all_rules import suppression
from edge.policy.recognition import PUBLICITY
from edge.policy.row import row_rule
from edge.policy.scene import Considered, Scene
from edge.policy.sins import boudoir
from tests.fakes import any_scene, shop

_GIVEN_FOR = {
    "order_history": "past_orders",
    "stars": "tastes",
    "mutes": "tastes",
    "location": "phone_offers",
}
"""Written once more, so that a purpose that is changed in the policy is noticed."""

Property = Callable[[int], Counter[str]]


def _of_any(examples: int) -> settings:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples,
        derandomize=examples < 1000,
        database=None,
        suppress_health_check=quiet,
    )


def raising_is_monotone(examples: int) -> Counter[str]:
    """A more public screen, an older fact, a deeper source: nothing more is shown."""
    seen = Counter[str]()

    @_of_any(examples)
    @given(any_scene.candidates, any_scene.scenes, any_scene.rules(), st.data())
    def holds(one: Considered, scene: Scene, rules: PolicyRules, data: st.DataObject) -> None:
        raised, kind = _raised(one, scene, data)
        shown_after = suppression(*raised, rules) is None
        seen[f"{kind}, shown after" if shown_after else kind] += 1
        assert not shown_after or suppression(one, scene, rules) is None

    holds()
    return seen


def _raised(
    one: Considered, scene: Scene, data: st.DataObject
) -> tuple[tuple[Considered, Scene], str]:
    kind = data.draw(st.sampled_from(("publicity", "age", "source")))
    if kind == "publicity":
        level = data.draw(st.integers(scene.publicity, 2))
        surface = next(name for name, public in PUBLICITY.items() if public == level)
        return (one, replace(scene, surface=surface, publicity=level)), kind  # type: ignore[arg-type] # a surface's name
    if kind == "age":
        older = timedelta(days=data.draw(st.integers(0, 300)))
        facts = tuple(replace(fact, age=fact.age + older) for fact in one.facts)
    else:
        deeper = data.draw(st.integers(0, 3))
        facts = tuple(
            replace(
                fact, source=any_scene.SOURCES[max(deeper, any_scene.SOURCES.index(fact.source))]
            )
            for fact in one.facts
        )
    return (Considered(one.product, one.offer, facts, one.familiarity), scene), kind


def tightening_is_monotone(examples: int) -> Counter[str]:
    """Whatever file is taken as tighter, it lets nothing through that was left out before."""
    seen = Counter[str]()

    @_of_any(examples)
    @given(
        any_scene.rules(),
        any_scene.policy_files(2),
        st.lists(any_scene.candidates, min_size=4, max_size=4),
        any_scene.scenes,
    )
    def holds(
        base: PolicyRules, over: dict[str, object], some: list[Considered], scene: Scene
    ) -> None:
        try:
            tight = tightened(base, over)
        except LoosenedError:
            seen["refused"] += 1
            return
        for one in some:
            shown_after = suppression(one, scene, tight) is None
            seen["shown after" if shown_after else "left out after"] += 1
            assert not shown_after or suppression(one, scene, base) is None

    holds()
    return seen


def public_screens_stay_public(examples: int) -> Counter[str]:
    """On a board stands nothing intimate, private or of a person, alone or in a row."""
    seen = Counter[str]()

    @_of_any(examples)
    @given(st.lists(any_scene.candidates, min_size=1, max_size=8), any_scene.scenes)
    def holds(row: list[Considered], anywhere: Scene) -> None:
        board = replace(anywhere, surface="signage", publicity=2)
        gone = row_rule(row, board, SHIPPED)
        for place, one in enumerate(row):
            assert (suppression(one, board, SHIPPED) is None) is (place not in gone)
            seen["left out" if place in gone else "shown"] += 1
            if place not in gone:
                _is_for_everybody(one)

    holds()
    return seen


def _is_for_everybody(one: Considered) -> None:
    assert {fact.name for fact in one.facts} <= ABOUT_NOBODY - {"basket"}
    assert not boudoir.is_intimate(one, SHIPPED)
    assert one.familiarity == 0
    if one.offer is not None:
        assert one.offer.audience_privacy == "public"
        assert one.offer.sensitivity == "none"
        assert {used.fact for used in one.offer.uses} <= ABOUT_NOBODY - {"basket"}


def without_consent_there_is_no_fact(examples: int) -> Counter[str]:
    """Nobody known, held out, or no purpose allowed: nothing shown rests on a person.

    Of each fact that is shown, its own purpose was allowed, whatever the shop's policy says.
    """
    seen = Counter[str]()

    @_of_any(examples)
    @given(any_scene.candidates, any_scene.scenes, any_scene.rules())
    def holds(one: Considered, scene: Scene, rules: PolicyRules) -> None:
        nobody = replace(scene, purposes=frozenset())
        assert not one.is_personal or suppression(one, nobody, rules) is not None
        if suppression(one, scene, rules) is not None:
            seen["left out"] += 1
            return
        seen["personal" if one.is_personal else "for everybody"] += 1
        own = {fact.name for fact in one.rests_on} - ABOUT_NOBODY
        assert {_GIVEN_FOR.get(name) for name in own} <= scene.purposes

    holds()
    return seen


_BOARD = Placement(id="board", surface="signage", slots=3, fallback=("tea",))
_SKUS = ("bun", "tea", "latte", "scone", "salad")
_ID = "01981f3e-6c00-7aaa-8bbb-0123456789ab"


def boards_decide_for_everybody(examples: int) -> Counter[str]:
    """Whatever offers a shop writes, and pushes, a board decides none that is not for everybody."""
    seen = Counter[str]()

    @_of_any(examples)
    @given(st.lists(any_scene.offers, min_size=len(_SKUS), max_size=len(_SKUS)))
    def holds(drawn: list[Offer]) -> None:
        offers = _named(drawn)
        found = shop.corner(offers=offers, placements=(_BOARD,))
        shelf = stock_shelf(found, shop.context(), frozenset())
        shown = {one.offer_id for one in decide(_ID, Asked("board", "b1"), shelf).slate.shown}
        for one in offers:
            seen["shown" if one.offer in shown else "left out"] += 1
            if one.offer in shown:
                product = found.site.product(one.skus[0])
                assert product is not None
                assert not one.needs.consent
                _is_for_everybody(Considered(product, one))

    holds()
    return seen


def _named(offers: list[Offer]) -> tuple[Offer, ...]:
    return tuple(
        one.model_copy(update={"offer": f"offer-{n}", "skus": (_SKUS[n],), "priority": 3.0})
        for n, one in enumerate(offers)
    )


PROPERTIES: tuple[Property, ...] = (
    raising_is_monotone,
    tightening_is_monotone,
    public_screens_stay_public,
    without_consent_there_is_no_fact,
    boards_decide_for_everybody,
)
