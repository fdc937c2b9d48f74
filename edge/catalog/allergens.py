"""The fourteen allergens that must be named in writing before purchase.

Source: Regulation (EU) No 1169/2011, Annex II.
"""

from enum import StrEnum


class Allergen(StrEnum):
    """One of the fourteen of Annex II; the value is its name in files and messages."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    EGGS = "eggs"
    FISH = "fish"
    PEANUTS = "peanuts"
    SOYA = "soya"
    MILK = "milk"
    NUTS = "nuts"
    CELERY = "celery"
    MUSTARD = "mustard"
    SESAME = "sesame"
    SULPHITES = "sulphites"
    LUPIN = "lupin"
    MOLLUSCS = "molluscs"
