"""Overcrowding: enough is enough, over all channels together.

What was sent away stays away for a while, and what was just bought is not pushed again; buying
the usual once more is no push. A row is never filled with what was chosen for one person, except
the row that is theirs.
"""

import math
from typing import Final

from edge.catalog.policy_rules import Overcrowding, PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "overcrowding"


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate would be too much, or None."""
    rule = rules.overcrowding
    if _was_dismissed(considered, scene, rule):
        return Suppression(NAME, "dismissed of late")
    if not considered.is_personal:
        return None
    if _is_full(scene, rule):
        return Suppression(NAME, "enough over all channels")
    if _was_bought(considered, scene, rule):
        return Suppression(NAME, "bought of late")
    return None


def most_personal(scene: Scene, rules: PolicyRules) -> int:
    """Return how many slots of this row may hold what was chosen for one person."""
    if scene.is_own_row:
        return scene.slots
    return math.floor(rules.overcrowding.personalised_share_max * scene.slots)


def _was_dismissed(considered: Considered, scene: Scene, rule: Overcrowding) -> bool:
    dismissed = scene.contacts.dismissed
    if not dismissed:
        return False
    when = (dismissed.get(category) for category in considered.categories)
    return any(at and scene.at - at < rule.cooldown_after_dismiss for at in when)


def _is_full(scene: Scene, rule: Overcrowding) -> bool:
    seen = scene.contacts.personal
    if not seen:
        return False
    return any(sum(scene.at - at < cap.per for at in seen) >= cap.n for cap in rule.all_channels)


def _was_bought(considered: Considered, scene: Scene, rule: Overcrowding) -> bool:
    bought = scene.contacts.bought
    if not bought or _is_reorder(considered):
        return False
    when = (bought.get(category) for category in considered.categories)
    return any(at and scene.at - at < rule.after_purchase_same_category for at in when)


def _is_reorder(considered: Considered) -> bool:
    personal = (fact for fact in considered.rests_on if fact.name not in ABOUT_NOBODY)
    return all(fact.use == "reorder" for fact in personal)
