"""The shop's priorities, as a part of the score with a name of its own."""

from collections.abc import Mapping

import numpy as np

from edge.catalog.offer import Offer
from edge.decide.bundle import Bundle
from edge.decide.candidates import Candidates
from edge.decide.reasons import OFFER_PART


def with_priorities(found: Candidates, offers: Mapping[str, Offer], bundle: Bundle) -> Candidates:
    """Add the shop's priorities to the scores, and sort again.

    An offer's best product carries it: the others stay plain products.
    """
    raised = [sku for sku, offer in offers.items() if offer.priority]
    if not raised:
        return found
    rank_of = {place: rank for rank, place in enumerate(found.places.tolist())}
    best: dict[str, int] = {}
    for sku in raised:
        rank = rank_of.get(bundle.place_of[sku], len(found))
        offer_id = offers[sku].offer
        best[offer_id] = min(best.get(offer_id, len(found)), rank)
    added = np.zeros(len(found) + 1, dtype=np.float32)
    for sku in raised:
        offer = offers[sku]
        added[best[offer.offer]] = offer.priority
    return found.plus(OFFER_PART, added[: len(found)]).best_first()
