"""The line between helpful and creepy, as a shop group writes it down.

Every field says which direction is tighter (``Tighter``), so that a market's and a shop's file can
be held mechanically to "may only tighten". What is left out has the value that ships, which is the
design's own.

Source: decisioning.md 2 and 3; mission.md 41 to 60; decided.md 24.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from edge.catalog.caps import Cap
from edge.catalog.entry import Entry, Id
from edge.catalog.span import Span
from edge.catalog.taxonomy import FactName, FactUse


class Tighter(StrEnum):
    """In which direction a field forbids more."""

    LESS = "less"
    MORE = "more"
    SMALLER_SET = "smaller_set"
    LARGER_SET = "larger_set"
    EARLIER_WORD = "earlier_word"
    """Of a list of words, the one that stands first in its Literal."""
    FALSE = "false"
    EACH_CAP = "each_cap"
    """Every cap stays or gets fewer per longer span; more caps may be added."""
    EACH_MORE = "each_more"
    """In a table of distances, none gets smaller; what is not in it is ``UNRELATED``."""
    EACH_LESS = "each_less"
    FREE = "free"
    """Read by people; nothing is decided by it."""


def tighter(direction: Tighter) -> dict[str, str]:
    """Return what a field carries to say its direction."""
    return {"tighter": direction.value}


Distance = Annotated[int, Field(ge=0, le=3, strict=True)]
"""0 the same purpose, 3 unrelated."""

UNRELATED: Final = 3
"""The distance of a use that the table of a policy does not name."""

_Share = Annotated[float, Field(ge=0, le=1)]
_LESS: Final = tighter(Tighter.LESS)
_MORE: Final = tighter(Tighter.MORE)


class ByScreen(Entry):
    """One number per publicity of a screen."""

    public: Distance
    semi_private: Distance
    private: Distance


class BreakingBonds(Entry):
    """What leaves is what its purpose allows."""

    exports: Annotated[
        Literal["deny", "deny-unless-purpose-granted"],
        Field(json_schema_extra=tighter(Tighter.EARLIER_WORD)),
    ] = "deny-unless-purpose-granted"


class DiggingTooDeep(Entry):
    """Only what a customer did or said here, themselves."""

    allow_sources: Annotated[
        frozenset[Literal["first-party", "declared"]],
        Field(json_schema_extra=tighter(Tighter.SMALLER_SET)),
    ] = frozenset({"first-party", "declared"})


class Helicoptering(Entry):
    """No feeling of being watched."""

    name_on_public_screen: Annotated[
        Literal["never"], Field(json_schema_extra=tighter(Tighter.EARLIER_WORD))
    ] = "never"
    wait_after_location: Annotated[Span, Field(json_schema_extra=_MORE)] = timedelta(minutes=10)
    """Before content that rests on somebody's history; an invitation names nothing and may come."""
    familiarity_max: Annotated[ByScreen, Field(json_schema_extra=tighter(Tighter.EACH_LESS))] = (
        ByScreen(public=0, semi_private=1, private=2)
    )


class Overcrowding(Entry):
    """Enough is enough, over all channels together."""

    personalised_share_max: Annotated[_Share, Field(json_schema_extra=_LESS)] = 0.5
    """Of the slots of a row that is not a customer's own."""
    all_channels: Annotated[
        tuple[Cap, ...], Field(max_length=8, json_schema_extra=tighter(Tighter.EACH_CAP))
    ] = (Cap(n=6, per=timedelta(days=1)), Cap(n=15, per=timedelta(days=7)))
    """Personal offers to one person."""
    cooldown_after_dismiss: Annotated[Span, Field(json_schema_extra=_MORE)] = timedelta(days=14)
    after_purchase_same_category: Annotated[Span, Field(json_schema_extra=_MORE)] = timedelta(
        days=3
    )


class CategoryJumping(Entry):
    """Nothing comes out of nowhere."""

    min_linkage: Annotated[float, Field(ge=-1, le=1, json_schema_extra=_MORE)] = 0.15
    """Normalised pointwise mutual information of two categories in the shop's own baskets."""
    or_declared_interest: Annotated[bool, Field(json_schema_extra=tighter(Tighter.FALSE))] = True
    """Whether a star or a wish is a link as well."""


class Boudoir(Entry):
    """Intimate topics."""

    categories: Annotated[frozenset[Id], Field(json_schema_extra=tighter(Tighter.LARGER_SET))] = (
        frozenset({"pregnancy", "contraception", "weight", "medical", "intimate"})
    )
    one_to_one: Annotated[
        Literal["never"], Field(json_schema_extra=tighter(Tighter.EARLIER_WORD))
    ] = "never"
    only_among: Annotated[
        Annotated[int, Field(ge=1, le=64, strict=True)] | Literal["never"],
        Field(json_schema_extra={"wanted": "a whole number from 1 to 64, or never"} | _MORE),
    ] = 6
    """May stand only in a row of at least so many; "never" is the tightest."""


class MoralHazards(Entry):
    """Nothing that we would not want to read about ourselves in the newspaper."""

    require: Annotated[
        frozenset[Literal["publicity-test", "second-approver"]],
        Field(json_schema_extra=tighter(Tighter.LARGER_SET)),
    ] = frozenset({"publicity-test", "second-approver"})
    """Of every offer that relies on a fact about a person, is sponsored, or is sensitive."""
    deny_tags: Annotated[frozenset[Id], Field(json_schema_extra=tighter(Tighter.LARGER_SET))] = (
        frozenset({"vulnerability", "addiction", "debt"})
    )


def _shipped_matrix() -> dict[FactName, dict[FactUse, Distance]]:
    return {
        "order_history": {"reorder": 0, "addon": 1, "new-category": 2, "ad-partner": 3},
        "stars": {"reorder": 0, "addon": 0, "new-category": 1, "ad-partner": 3},
        "mutes": {"reorder": 0, "addon": 0, "new-category": 0, "ad-partner": 3},
        "location": {"reorder": 2, "addon": 2, "new-category": 3, "ad-partner": 3},
    }


class PermissionDistance(Entry):
    """How far a use is from why a fact was given; by fact and use."""

    matrix: Annotated[
        dict[FactName, dict[FactUse, Distance]],
        Field(json_schema_extra=tighter(Tighter.EACH_MORE)),
    ] = Field(default_factory=_shipped_matrix)
    """What is not in it is 3."""
    max: Annotated[ByScreen, Field(json_schema_extra=tighter(Tighter.EACH_LESS))] = ByScreen(
        public=0, semi_private=1, private=2
    )
    above: Annotated[
        Literal["deny", "ask"], Field(json_schema_extra=tighter(Tighter.EARLIER_WORD))
    ] = "ask"


class FactDecay(Entry):
    """How long a fact counts, and when it goes."""

    default_half_life: Annotated[Span, Field(json_schema_extra=_LESS)] = timedelta(days=60)
    sensitive_ttl: Annotated[Span, Field(json_schema_extra=_LESS)] = timedelta(days=14)
    life_event_ttl: Annotated[Span, Field(json_schema_extra=_LESS)] = timedelta(days=21)
    hard_retention: Annotated[Span, Field(json_schema_extra=_LESS)] = timedelta(days=396)


class Values(Entry):
    """What the group stands for, in its own words; read by people."""

    risk_tolerance: Annotated[
        Literal["conservative", "balanced"], Field(json_schema_extra=tighter(Tighter.FREE))
    ] = "conservative"
    relationship: Annotated[Id, Field(json_schema_extra=tighter(Tighter.FREE))] = "trusted-service"


class PolicyRules(Entry):
    """All of it."""

    values: Values = Values()
    breaking_bonds: BreakingBonds = BreakingBonds()
    digging_too_deep: DiggingTooDeep = DiggingTooDeep()
    helicoptering: Helicoptering = Helicoptering()
    overcrowding: Overcrowding = Overcrowding()
    category_jumping: CategoryJumping = CategoryJumping()
    boudoir: Boudoir = Boudoir()
    moral_hazards: MoralHazards = MoralHazards()
    permission_distance: PermissionDistance = PermissionDistance()
    fact_decay: FactDecay = FactDecay()


SHIPPED: Final = PolicyRules()
"""What holds where a shop writes nothing."""
