"""An offer and its explanation as one decision shows them: in the words of its arm, and the shop's.

What a shopper must be told stays in the words that ship: a paid place says so, whatever a shop wrote.
What a shop wrote about one of its offers is said of that offer only.
"""

from edge.catalog.entry import Words
from edge.catalog.offer import Offer
from edge.catalog.resolve import resolved
from edge.catalog.site import Site
from edge.decide.values import Reason, Shown, Slate

_PLACE = "{item}"


def offer_as_shown(site: Site, slate: Slate, shown: Shown) -> Offer | None:
    """Return the offer of a slot with the variants of its modules that ``slate`` was decided for."""
    offer = site.offer(shown.offer_id)
    if offer is None or not slate.variants:
        return offer
    return resolved(offer, {module.id: module for module in site.modules}, slate.variants)


def own_explanation(site: Site, slate: Slate, shown: Shown) -> Words | None:
    """Return the shop's own sentence for a slot; None: the one of its reason that ships."""
    found = next((one for one in site.explanations if one.id == shown.explanation), None)
    if found is None or shown.reason is Reason.SPONSORED or shown.is_sponsored:
        return None
    offer = site.offer(shown.offer_id)
    if found.group == "merchant" and (offer is None or offer.explain != found.id):
        return None
    liked = site.product(slate.because.get(shown.sku, ""))
    filled: Words = {}
    for language, text in found.lang.items():
        if _PLACE in text and liked is None:
            return None
        name = liked.name.get(language, "") if liked else ""
        filled[language] = text.replace(_PLACE, name)
    return filled
