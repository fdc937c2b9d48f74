"""What a policy judges: one candidate, and the scene it would be shown in.

A policy is a function of these two and of the shop's rules. It answers None, or why the candidate
is left out. It sees kinds of facts, never their values: no policy can leak what it does not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from edge.catalog.offer import Offer, SurfaceName
from edge.catalog.policy_rules import ByScreen, PolicyRules
from edge.catalog.product import Product
from edge.catalog.taxonomy import ABOUT_NOBODY, FactName, FactUse
from edge.policy.contacts import NO_CONTACTS, Contacts

Source = Literal["first-party", "declared", "inferred", "third-party"]
"""Where a fact came from. Only the first two are ever allowed to be used."""

Linkage = Callable[[str, str], float | None]
"""Two categories -> how much they belong together in the shop's own baskets, -1 to 1; None: unknown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of fact that a candidate rests on."""

    name: FactName
    use: FactUse
    source: Source = "first-party"
    age: timedelta = timedelta(0)
    """Of the newest of its kind."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate, with what a policy may look at."""

    product: Product
    offer: Offer | None
    """The authored offer that proposes it; None: the product itself."""
    facts: tuple[Fact, ...] = ()
    """What it rests on, of a person; none: it is for everybody."""
    familiarity: int = 0
    """The most that any of its words presume: 0 nothing, 1 that somebody is there, 2 their history."""

    rests_on: tuple[Fact, ...] = field(init=False)
    """Its facts, and those that its offer says it relies on."""
    is_personal: bool = field(init=False)
    """Whether it was chosen for one person."""

    def __post_init__(self) -> None:
        """Work out once what every policy asks."""
        rests_on = _rests_on(self.facts, self.offer)
        personal = any(fact.name not in ABOUT_NOBODY for fact in rests_on)
        object.__setattr__(self, "rests_on", rests_on)
        object.__setattr__(self, "is_personal", personal)

    @property
    def offer_id(self) -> str:
        """The offer's id, or ``product:<sku>``."""
        return self.offer.offer if self.offer else f"product:{self.product.sku}"

    @property
    def categories(self) -> tuple[str, ...]:
        """What it is about: the category of its product, and its offer's own where it has one."""
        about = self.offer.taxonomy.category if self.offer else None
        return (self.product.category, about) if about else (self.product.category,)


def _rests_on(facts: tuple[Fact, ...], offer: Offer | None) -> tuple[Fact, ...]:
    if offer is None or not offer.uses:
        return facts
    said = {(fact.name, fact.use) for fact in facts}
    more = (one for one in offer.uses if (one.fact, one.use) not in said)
    return facts + tuple(Fact(one.fact, one.use) for one in more)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when it would be shown, and to whom as far as that is allowed."""

    surface: SurfaceName
    publicity: int
    """0 private, 1 semi-private, 2 public (edge/policy/recognition.py)."""
    at: datetime
    slots: int
    is_own_row: bool = False
    """A row that is one customer's alone ("your usual"), and says so."""
    purposes: frozenset[str] = frozenset()
    """What a recognised person allows, by the names of ``edge.identity.consent``."""
    basket_categories: frozenset[str] = frozenset()
    known_categories: frozenset[str] = field(default=frozenset(), repr=False)
    """Bought before, with consent."""
    declared_categories: frozenset[str] = field(default=frozenset(), repr=False)
    """Starred, or named in a wish."""
    located_at: datetime | None = field(default=None, repr=False)
    """When a beacon last said that this person came; None: it did not, or nobody is known."""
    contacts: Contacts = field(default=NO_CONTACTS, repr=False)
    linkage: Linkage = field(default=lambda _one, _other: None, repr=False)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a candidate is left out. ``detail`` names rules and kinds of facts, never a value."""

    rule: str
    detail: str = ""
    asks: bool = False
    """The distance is one too far: it may be asked for, on a screen of their own, not shown."""


Policy = Callable[[Considered, Scene, PolicyRules], Suppression | None]
"""One of the seven sins, or another rule."""

NAMES: Final[Mapping[int, str]] = {0: "private", 1: "semi_private", 2: "public"}
"""Publicity -> the word of ``ByScreen``."""


def allowed_on(table: ByScreen, publicity: int) -> int:
    """Return the number of ``table`` for a screen, and never more than for a more private one.

    So that no table, however it is written, lets a more public screen show more.
    """
    numbers = (table.private, table.semi_private, table.public)
    return min(numbers[: publicity + 1])
