"""Authored offers, as a shop would write them."""

from edge.catalog.offer import Offer


def authored(offer_id: str, *skus: str, **more: object) -> Offer:
    """Return an offer of ``skus`` for every kiosk, board and till; ``more`` overrides any field."""
    return Offer.model_validate(
        {
            "offer": offer_id,
            "owner": "kitchen",
            "skus": skus,
            "headline": {"en": "Have one"},
            "surfaces": ["kiosk", "pos", "signage", "tablet", "phone"],
            **more,
        }
    )
