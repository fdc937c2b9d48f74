"""Any candidate, scene and policy that could be written, for properties of the policies."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, get_args

from hypothesis import strategies as st

from edge.catalog.offer import Offer, SurfaceName
from edge.catalog.policy_rules import SHIPPED, PolicyRules
from edge.catalog.taxonomy import FactName, FactUse
from edge.policy.contacts import Contacts
from edge.policy.recognition import PUBLICITY
from edge.policy.scene import Considered, Fact, Scene, Source
from tests.fakes import shop
from tests.fakes.scenes import approved, offer

NOW: Final = shop.NOON
CATEGORIES: Final = ("coffee", "cake", "tea", "pregnancy")
TAGS: Final = ("light", "weight", "debt", "gambling")
SOURCES: Final[tuple[Source, ...]] = ("declared", "first-party", "inferred", "third-party")
"""Each at least as deep as the one before."""

_PRODUCTS: Final = tuple(
    shop.product(f"{category}-{number}", category, tags=tags)
    for category in CATEGORIES
    for number, tags in enumerate(([], [], ["light"], ["weight"], ["debt"]))
)
_YES_OR_NO: Final = st.booleans()
_DAYS: Final = st.sampled_from((0, 1, 3, 13, 14, 30, 61, 130, 200, 400)).map(
    lambda days: timedelta(days=days)
)
_SPANS: Final = st.sampled_from(("10m", "1h", "1d", "3d", "7d", "14d", "60d", "90d", "396d"))
_STEPS: Final = st.integers(0, 3)
_SCREENS: Final = st.fixed_dictionaries(
    {"public": _STEPS, "semi_private": _STEPS, "private": _STEPS}
)


def _some(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=len(names))


# Most of what could be written is left out by something; so that each policy also meets what
# passes all others, about half of everything that is drawn is what a good shop would have.
_mild: Final = st.builds(
    Fact,
    st.sampled_from(("order_history", "stars")),
    st.sampled_from(("reorder", "addon")),
    st.sampled_from(("first-party", "declared")),
    st.sampled_from((timedelta(0), timedelta(days=61))),
)
facts: Final = _mild | st.builds(
    Fact,
    st.sampled_from(get_args(FactName)),
    st.sampled_from(get_args(FactUse)),
    st.sampled_from(SOURCES),
    _DAYS,
)

_uses: Final = st.fixed_dictionaries(
    {"fact": st.sampled_from(get_args(FactName)), "use": st.sampled_from(get_args(FactUse))}
)


def _offer(written: Mapping[str, Any], said_yes: bool) -> Offer:
    given = offer(**written)
    return approved(given, "privacy") if said_yes else given


offers: Final = st.builds(
    _offer,
    st.fixed_dictionaries(
        {},
        optional={
            "audience_privacy": st.sampled_from(("public", "semi-private", "private")),
            "sensitivity": st.sampled_from(("none", "none", "personal", "boudoir")),
            "tags": _some(TAGS),
            "uses": st.lists(_uses, max_size=2),
            "sponsored": _YES_OR_NO,
            "links": st.fixed_dictionaries({"trigger_categories": _some(CATEGORIES)}),
            "taxonomy": st.fixed_dictionaries({"category": st.sampled_from(CATEGORIES)}),
            "needs": st.fixed_dictionaries({"consent": _some(("tastes", "phone_offers"))}),
        },
    ),
    _YES_OR_NO,
)

candidates: Final = st.builds(
    Considered,
    st.sampled_from(_PRODUCTS[:3]) | st.sampled_from(_PRODUCTS),
    st.none() | offers,
    _mild.map(lambda fact: (fact,)) | st.lists(facts, max_size=2).map(tuple),
    st.sampled_from((0, 0, 0, 1, 2)),
)

_moments: Final = st.lists(_DAYS.map(lambda age: NOW - age), max_size=8).map(tuple)
_by_category: Final = st.dictionaries(
    st.sampled_from(CATEGORIES), _DAYS.map(lambda age: NOW - age), max_size=1
)
_contacts: Final = st.just(Contacts()) | st.builds(
    Contacts, personal=_moments, dismissed=_by_category, bought=_by_category
)
_PURPOSES: Final = ("tastes", "past_orders", "phone_offers", "ad_partner")


def _scene(surface: SurfaceName, **more: Any) -> Scene:  # noqa: ANN401 - any field of a scene
    return Scene(surface, PUBLICITY[surface], NOW, **more)


scenes: Final = st.builds(
    _scene,
    st.sampled_from(get_args(SurfaceName)),
    slots=st.integers(1, 8),
    is_own_row=_YES_OR_NO,
    purposes=st.just(frozenset(_PURPOSES)) | _some(_PURPOSES).map(frozenset),
    basket_categories=_some(CATEGORIES).map(frozenset),
    known_categories=st.just(frozenset(CATEGORIES)) | _some(CATEGORIES).map(frozenset),
    declared_categories=_some(CATEGORIES).map(frozenset),
    located_at=st.none() | st.sampled_from((NOW, NOW - timedelta(hours=2))),
    contacts=_contacts,
    linkage=st.sampled_from((None, -0.5, 0.1, 0.2, 0.9)).map(
        lambda strength: lambda _a, _b: strength
    ),
)

_caps: Final = st.lists(st.fixed_dictionaries({"n": st.integers(1, 9), "per": _SPANS}), max_size=3)
_topics: Final = tuple(sorted(SHIPPED.boudoir.categories | {"cake"}))
_hazards: Final = tuple(sorted(SHIPPED.moral_hazards.deny_tags | {"gambling"}))
_distances: Final = st.dictionaries(
    st.sampled_from(get_args(FactName)),
    st.dictionaries(st.sampled_from(get_args(FactUse)), _STEPS, max_size=3),
    max_size=2,
)

_FIELDS: Final[tuple[tuple[str, str, st.SearchStrategy[Any]], ...]] = (
    ("breaking_bonds", "exports", st.sampled_from(("deny", "deny-unless-purpose-granted"))),
    ("digging_too_deep", "allow_sources", _some(("declared", "first-party"))),
    ("helicoptering", "wait_after_location", _SPANS),
    (
        "helicoptering",
        "familiarity_max",
        st.fixed_dictionaries(
            {name: st.integers(0, 2) for name in ("public", "semi_private", "private")}
        ),
    ),
    ("overcrowding", "personalised_share_max", st.sampled_from((0.0, 0.2, 0.5, 1.0))),
    ("overcrowding", "all_channels", _caps),
    ("overcrowding", "cooldown_after_dismiss", _SPANS),
    ("overcrowding", "after_purchase_same_category", _SPANS),
    ("category_jumping", "min_linkage", st.sampled_from((-1.0, 0.15, 0.5, 1.0))),
    ("category_jumping", "or_declared_interest", _YES_OR_NO),
    ("boudoir", "categories", _some(_topics) | st.just(list(_topics))),
    ("boudoir", "only_among", st.integers(1, 9) | st.just("never")),
    ("moral_hazards", "require", _some(("publicity-test", "second-approver"))),
    ("moral_hazards", "deny_tags", _some(_hazards) | st.just(list(_hazards))),
    ("permission_distance", "matrix", _distances),
    ("permission_distance", "max", _SCREENS),
    ("permission_distance", "above", st.sampled_from(("deny", "ask"))),
    ("fact_decay", "default_half_life", _SPANS),
    ("fact_decay", "sensitive_ttl", _SPANS),
    ("fact_decay", "life_event_ttl", _SPANS),
    ("fact_decay", "hard_retention", _SPANS),
)

WRITTEN_FIELDS: Final = frozenset(f"{group}.{name}" for group, name, _ in _FIELDS)
"""Those that the strategies write."""


@st.composite
def policy_files(draw: st.DrawFn, most: int) -> dict[str, dict[str, Any]]:
    """Return what a file may say of at most so many fields; looser or tighter, as it comes."""
    fields = draw(st.lists(st.sampled_from(_FIELDS), max_size=most, unique_by=lambda one: one[:2]))
    said: dict[str, dict[str, Any]] = {}
    for group, name, values in fields:
        said.setdefault(group, {})[name] = draw(values)
    return said


@st.composite
def rules(draw: st.DrawFn) -> PolicyRules:
    """Return a whole policy, also one that no shop could have: looser than what ships."""
    return PolicyRules.model_validate(draw(policy_files(8)))
