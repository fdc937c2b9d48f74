"""Category jumping: nothing comes out of nowhere.

What is chosen for one person is of a category that is in their basket, that they know, or that
belongs with one of these in the shop's own baskets. An offer may name its links itself. A star or
a wish is a link as well. What is unknown is no link.
"""

from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "category_jumping"


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate would come out of nowhere, or None."""
    offer = considered.offer
    triggers = offer.links.trigger_categories if offer else frozenset[str]()
    if not triggers and not considered.is_personal:
        return None
    known = scene.basket_categories | _known(scene)
    if triggers and not triggers & known and not _is_declared(considered, scene, rules):
        return Suppression(NAME, "no trigger category")
    if not considered.is_personal or _is_linked(considered, scene, known, rules):
        return None
    return Suppression(NAME, "no link")


def _is_linked(
    considered: Considered, scene: Scene, known: frozenset[str], rules: PolicyRules
) -> bool:
    mine = considered.product.category
    if mine in known or _is_declared(considered, scene, rules):
        return True
    least = rules.category_jumping.min_linkage
    near = known | _declared(scene, rules)
    found = (scene.linkage(other, mine) for other in sorted(near))
    return any(strength is not None and strength >= least for strength in found)


def _is_declared(considered: Considered, scene: Scene, rules: PolicyRules) -> bool:
    return not _declared(scene, rules).isdisjoint(considered.categories)


def _declared(scene: Scene, rules: PolicyRules) -> frozenset[str]:
    """Return what they starred or wished for, as far as it may count here at all."""
    may = scene.publicity < 2 and "tastes" in scene.purposes
    is_link = may and rules.category_jumping.or_declared_interest
    return scene.declared_categories if is_link else frozenset()


def _known(scene: Scene) -> frozenset[str]:
    """Return what they bought before, as far as it may count here at all."""
    may = scene.publicity < 2 and "past_orders" in scene.purposes
    return scene.known_categories if may else frozenset()
