"""Where an offer can be seen, in which language: one scene each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.resolve import resolved
from edge.catalog.site import Board, Site
from edge.decide.values import Reason, Shown, Slate
from edge.policy.offers import belongs_to

Kind = Literal["kiosk", "board", "tablet", "phone"]

WINDOW_PX: Final[dict[Kind, tuple[int, int]]] = {
    "kiosk": (1080, 1920),
    "board": (1920, 1080),
    "tablet": (1280, 800),
    "phone": (360, 780),
}
"""Width and height of the screen that a scene is looked at on; the smallest we support."""


@dataclass(frozen=True, slots=True)
class PreviewScene:
    """One offer, with some of its products, at one place in one language."""

    offer: Offer
    kind: Kind
    place: str
    """A placement's id, a board's where it is its hero, "offers" for the phone's list."""
    skus: tuple[str, ...]
    language: str
    board: Board | None = None
    variants: str = ""
    """Which variants of its modules it says, where they are not the first ones."""

    @property
    def name(self) -> str:
        """What a report calls it."""
        other = f", {self.variants}" if self.variants else ""
        skus = ", ".join(self.skus)
        return f"{self.offer.offer} at {self.place} ({self.language}{other}): {skus}"

    def slate(self) -> Slate:
        """Return the row that shows the offer and nothing else."""
        reason = _reason(self.offer)
        shown = tuple(
            Shown(slot, self.offer.offer, sku, 0.0, {}, reason, 1.0, False, self.offer.sponsored)
            for slot, sku in enumerate(self.skus)
        )
        return Slate("0" * 32, self.place, shown, "preview")


def scenes(site: Site, offer_id: str | None = None) -> tuple[PreviewScene, ...]:
    """Return every scene of an offer, or of all; a till shows its own screen, so it has none."""
    offers = [o for o in site.offers if offer_id in (None, o.offer)]
    return tuple(
        replace(scene, variants=said)
        for offer in offers
        for one, said in _said(site, offer)
        for scene in _of(site, one)
    )


def _said(site: Site, offer: Offer) -> Iterator[tuple[Offer, str]]:
    """Yield the offer as everybody sees it, then with each other variant of its modules."""
    yield offer, ""
    modules = {module.id: module for module in site.modules}
    for module_id in sorted(set(offer.modules.values())):
        for variant in modules[module_id].variants[1:]:
            said = {module_id: variant.id}
            yield resolved(offer, modules, said), f"{module_id} {variant.id}"


def _of(site: Site, offer: Offer) -> Iterator[PreviewScene]:
    skus = tuple(sku for sku in offer.skus if _is_sold(site, sku))
    for language in site.header.languages:
        for placement in site.placements:
            if placement.personal is None and skus and belongs_to(offer, placement):
                yield from _at(site, offer, placement, skus, language)
        if skus and offer.surfaces & {"phone", "signage"}:
            yield PreviewScene(offer, "phone", "offers", skus[:1], language)


def _at(
    site: Site, offer: Offer, placement: Placement, skus: tuple[str, ...], language: str
) -> Iterator[PreviewScene]:
    """Yield as many rows as it takes to see each product that may stand there once."""
    fitting = tuple(sku for sku in skus if _fits(site, placement, sku))
    rows = [
        fitting[begin : begin + placement.slots]
        for begin in range(0, len(fitting), placement.slots)
    ]
    for row in rows:
        if placement.surface == "kiosk":
            yield PreviewScene(offer, "kiosk", placement.id, row, language)
        elif placement.surface == "tablet":
            yield PreviewScene(offer, "tablet", placement.id, row, language)
        elif placement.surface == "signage":
            for board in site.boards:
                if board.hero == placement.id:
                    yield PreviewScene(offer, "board", board.id, row, language, board)


def _is_sold(site: Site, sku: str) -> bool:
    product = site.product(sku)
    return product is not None and product.is_complete()


def _fits(site: Site, placement: Placement, sku: str) -> bool:
    product = site.product(sku)
    return product is not None and (not placement.sections or product.section in placement.sections)


def _reason(offer: Offer) -> Reason:
    if offer.sponsored:
        return Reason.SPONSORED
    if offer.weather:
        return Reason.WEATHER
    return Reason.STAFF_PICK if offer.staff_pick else Reason.HOUSE_FAVOURITE
