"""What policies are shown of a decision: candidates with the kinds of facts behind them.

A fact about a person is behind a candidate where it is the main thing that speaks for it, and in
a row that is somebody's own always. Policies get its kind, its use and its age, never its value.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.placement import PersonalRow, Placement
from edge.catalog.product import Product
from edge.catalog.taxonomy import FactUse
from edge.decide.candidates import Candidates
from edge.decide.reasons import HISTORY_PART, TASTES_PART
from edge.decide.shelf import Shelf
from edge.decide.state import State
from edge.decide.values import Asked, Recognised
from edge.decide.wishes import WISHES_PART
from edge.policy.recognition import PUBLICITY
from edge.policy.scene import Considered, Fact, Scene

_PERSONAL_PARTS: Final = (HISTORY_PART, TASTES_PART, WISHES_PART)
"""Not the wish for surprises: it points at nothing in particular."""

_OLD: Final = timedelta(days=4000)
"""The age of what has no age that could be read: it counts as over."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known of a customer, and of the row, to say which facts are behind a candidate."""

    recognised: Recognised
    row: PersonalRow | None
    because: Mapping[str, str]  # sku -> the liked product that its taste came from
    scene: Scene
    parts: Mapping[int, str]
    """Rank -> the part about a person that a candidate stands on."""

    def facts(self, product: Product, part: str) -> tuple[Fact, ...]:
        """Return the facts behind ``product``, for which the personal ``part`` speaks."""
        sku = product.sku
        use = self._use(product)
        if part == HISTORY_PART:
            return (Fact("order_history", use, age=self._age(sku)),)
        liked = self.because.get(sku) if part == TASTES_PART else None
        if liked is not None and liked not in self.recognised.starred:
            return (Fact("order_history", use, age=self._age(liked)),)
        return (Fact("stars", use, source="declared"),)

    def _use(self, product: Product) -> FactUse:
        sku = product.sku
        if self.row in ("tastes", "new"):
            return "addon"  # what goes with what they like: the row is theirs, and for that
        if sku in self.recognised.starred or any(one.sku == sku for one in self.recognised.bought):
            return "reorder"
        near = self.scene.known_categories | self.scene.basket_categories
        return "addon" if product.category in near else "new-category"

    def _age(self, sku: str) -> timedelta:
        days = min((one.days_ago for one in self.recognised.bought if one.sku == sku), default=0.0)
        is_age = math.isfinite(days) and days < _OLD.days
        return timedelta(days=max(0.0, days)) if is_age else _OLD


def scene_of(
    asked: Asked,
    placement: Placement,
    recognised: Recognised | None,
    shelf: Shelf,
    state: State,
) -> Scene:
    """Return where, when and to whom candidates would be shown."""
    site = shelf.bundle.site
    products = (site.product(sku) for sku in asked.basket)
    purposes = {one.purpose.value for one in recognised.basis} if recognised else set()
    return Scene(
        surface=placement.surface,
        publicity=PUBLICITY[placement.surface],
        at=shelf.context.at,
        slots=placement.slots,
        is_own_row=placement.personal is not None,
        purposes=frozenset(purposes),
        basket_categories=frozenset(one.category for one in products if one),
        known_categories=_categories((one.sku for one in recognised.bought), shelf)
        if recognised
        else frozenset(),
        declared_categories=_categories(recognised.starred, shelf) if recognised else frozenset(),
        located_at=state.located_at,
        contacts=state.contacts,
        linkage=state.linkage or shelf.bundle.linkage,
    )


def personal_parts(found: Candidates, row: PersonalRow | None) -> Mapping[int, str]:
    """Return rank -> the part about a person that a candidate stands on.

    In general that is its largest part; in somebody's own row it is the largest of such parts.
    """
    names = found.part_names
    own = [place for place, name in enumerate(names) if name in _PERSONAL_PARTS]
    if not own or not len(found):
        return {}
    parts = found.parts[:, own] if row else found.parts
    columns = [names[place] for place in own] if row else list(names)
    best = parts.argmax(axis=1).tolist()
    positive = (parts.max(axis=1) > 0).tolist()
    return {
        rank: columns[column]
        for rank, (column, speaks) in enumerate(zip(best, positive, strict=True))
        if speaks and columns[column] in _PERSONAL_PARTS
    }


def linked_by_model(
    found: Candidates, parts: Mapping[int, str], products: Sequence[Product]
) -> frozenset[str]:
    """Return the categories of what goes with a product that a customer likes.

    The model learned it from what is bought together.
    """
    links = (rank for rank, part in parts.items() if part == TASTES_PART)
    places = found.places.tolist()
    return frozenset(products[places[rank]].category for rank in links)


def with_links(scene: Scene, linked: frozenset[str], least: float) -> Scene:
    """Return ``scene`` with the model's links where the shop's own baskets know none yet."""
    if not linked:
        return scene
    counted = scene.linkage

    def linkage(one: str, other: str) -> float | None:
        found = counted(one, other)
        return least if found is None and other in linked else found

    return replace(scene, linkage=linkage)


def considered(
    product: Product, offer: Offer | None, facts: tuple[Fact, ...], familiarity: Mapping[str, int]
) -> Considered:
    """Return a candidate as policies see it."""
    knows = familiarity.get(offer.offer, 0) if offer else 0
    return Considered(product, offer, facts, knows)


def _categories(skus: Iterable[str], shelf: Shelf) -> frozenset[str]:
    found = (shelf.bundle.site.product(sku) for sku in skus)
    return frozenset(one.category for one in found if one)
