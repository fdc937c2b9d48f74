"""Fill an offer with the words and pictures of the shop's content modules.

A module is written once and used by several offers. An experiment's arm names another variant of
it; without one, the first variant is what everybody sees.
"""

from collections.abc import Mapping
from typing import Final

from edge.catalog.content import Module, ModuleKind, Variant
from edge.catalog.entry import Picture, Words
from edge.catalog.offer import Offer

NO_VARIANTS: Final[Mapping[str, str]] = {}

_WORDS_OF: Final[Mapping[ModuleKind, str]] = {
    "headline": "headline",
    "badge": "badge",
    "legal": "legal",
}


def resolved(
    offer: Offer, modules: Mapping[str, Module], variants: Mapping[str, str] = NO_VARIANTS
) -> Offer:
    """Return ``offer`` with what its modules say and show.

    Args:
        offer: As written, or already filled: then only what ``variants`` name changes.
        modules: The shop's modules by id.
        variants: Module id -> id of the variant to use; others use their first one.
    """
    filled: dict[str, Words | dict[str, Picture] | None] = {}
    for kind, module_id in offer.modules.items():
        module = modules.get(module_id)
        if module is None:
            continue
        one = chosen(module, variants.get(module_id))
        if kind == "image" and one.picture is not None:
            picture = one.picture
            filled["pictures"] = dict.fromkeys(offer.skus, picture) | _own_pictures(offer, module)
        elif kind in _WORDS_OF:
            filled[_WORDS_OF[kind]] = one.lang
    return offer.model_copy(update=filled) if filled else offer


def chosen(module: Module, variant_id: str | None) -> Module | Variant:
    """Return the variant of ``module`` with that id, else its first one, else the module."""
    named = (one for one in module.variants if one.id == variant_id)
    return next(named, module.variants[0] if module.variants else module)


def _own_pictures(offer: Offer, module: Module) -> dict[str, Picture]:
    """Return the pictures that the offer gives itself: none of those the module can show."""
    of_module = {module.picture, *(one.picture for one in module.variants)}
    return {sku: own for sku, own in offer.pictures.items() if own not in of_module}
