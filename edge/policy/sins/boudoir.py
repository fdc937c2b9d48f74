"""Boudoir: intimate topics are for no shared screen, and for nobody in particular.

Where they may stand at all (a private screen), they are never chosen for one person, and only
among others: in a row of at least so many. The row is looked at again when it is finished
(``edge.policy.row``).

Source: decided.md 24.
"""

from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "boudoir"


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why an intimate topic may not stand here, or None."""
    if not is_intimate(considered, rules):
        return None
    if scene.publicity > 0:
        return Suppression(NAME, "on a shared screen")
    if considered.is_personal:
        return Suppression(NAME, "to one person")
    if not may_stand_among(scene.slots, rules):
        return Suppression(NAME, "not among enough others")
    return None


def is_intimate(considered: Considered, rules: PolicyRules) -> bool:
    """Return whether the candidate is about an intimate topic, by any of its labels."""
    topics, offer, product = rules.boudoir.categories, considered.offer, considered.product
    if product.category in topics or not topics.isdisjoint(product.tags):
        return True
    if offer is None:
        return False
    is_labelled = offer.sensitivity == "boudoir" or offer.taxonomy.category in topics
    return is_labelled or not topics.isdisjoint(offer.tags)


def may_stand_among(size: int, rules: PolicyRules) -> bool:
    """Return whether a row of ``size`` is long enough for an intimate topic."""
    least = rules.boudoir.only_among
    return least != "never" and size >= least
